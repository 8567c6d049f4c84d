//! What a viewer is told, in the words that every dialect translates.

use bytes::Bytes;

use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;
use crate::model::notice::Posted;
use crate::session::event::{Snapshot, ViewerEvent};
use crate::session::view::ProcessView;
use crate::session::viewer::Viewer;
use crate::wire::dialect::ServerEvent;
use crate::wire::message::{ProcessInfo, SessionInfo, ViewerInfo};

/// The first thing: where the client is, and what it may do.
pub(super) fn welcome(viewer: &Viewer, client: &str) -> ServerEvent {
    let processes = viewer.processes();
    ServerEvent::Welcome {
        session: viewer.session().id().clone(),
        name: viewer.view().name.as_deref().map(str::to_owned),
        role: viewer.role(),
        processes: processes
            .map(|view| process(viewer, client, view))
            .collect(),
    }
}

/// Something that happened in the session; `None` is for one who only watches it happen. Output
/// itself goes another way.
pub(super) fn event(viewer: &Viewer, client: &str, event: ViewerEvent) -> Option<ServerEvent> {
    Some(match event {
        ViewerEvent::Output { .. } | ViewerEvent::Over => return None,
        ViewerEvent::Locked => ServerEvent::Locked,
        ViewerEvent::Unlocked => ServerEvent::Unlocked,
        ViewerEvent::Seated => ServerEvent::Started(started(viewer, client, ProcessId::LOGIN)?),
        ViewerEvent::Renewed(identity) => ServerEvent::Renewed {
            subject: identity.subject.clone(),
        },
        ViewerEvent::Session => ServerEvent::Session(session(viewer)),
        ViewerEvent::Denied => ServerEvent::Denied,
        ViewerEvent::Admitted(identity) => ServerEvent::Admitted {
            session: viewer.session().id().clone(),
            subject: identity.subject.clone(),
            process: started(viewer, client, ProcessId::FIRST)?,
            launch: None,
        },
        ViewerEvent::Notice(Posted {
            process, notice, ..
        }) => ServerEvent::Notice { process, notice },
        ViewerEvent::Started(id) => ServerEvent::Started(started(viewer, client, id)?),
        ViewerEvent::Sized { lane, offset, size } => ServerEvent::Sized { lane, offset, size },
        ViewerEvent::Snapshot {
            lane,
            snapshot:
                Snapshot {
                    cursor,
                    size,
                    bytes,
                },
            skipped,
        } => ServerEvent::Snapshot {
            lane,
            offset: cursor.offset(),
            size,
            skipped,
            bytes,
        },
        ViewerEvent::Gap { lane, from, offset } => ServerEvent::Gap { lane, from, offset },
        ViewerEvent::Ended { lane, offset } => ServerEvent::Ended { lane, offset },
        ViewerEvent::Exited { process, status } => ServerEvent::Exited { process, status },
    })
}

/// A terminal that shows nothing yet, in the place of another.
pub(super) fn fresh(viewer: &Viewer, process: ProcessId) -> Option<ServerEvent> {
    let mut shown = viewer.processes();
    let found = shown.find(|view| view.id == process && view.mode.has_terminal())?;
    Some(ServerEvent::Snapshot {
        lane: Lane {
            process,
            channel: Channel::Tty,
        },
        offset: 0,
        size: found.size,
        skipped: 0,
        bytes: Bytes::new(),
    })
}

fn started(viewer: &Viewer, client: &str, id: ProcessId) -> Option<ProcessInfo> {
    let view = viewer.processes().find(|view| view.id == id)?;
    Some(process(viewer, client, view))
}

fn process(viewer: &Viewer, client: &str, view: &ProcessView) -> ProcessInfo {
    ProcessInfo {
        process: view.id,
        mode: view.mode,
        title: view.title.to_string(),
        size: view.size,
        exit: view.exit.clone(),
        input: viewer.position(client, view.id),
    }
}

fn session(viewer: &Viewer) -> SessionInfo {
    let view = viewer.view();
    let owned = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
    let (count, named) = view.audience();
    let viewers = named.iter().map(|other| ViewerInfo {
        viewer: other.id,
        role: other.role,
        user: owned(&other.user),
        label: owned(&other.label),
    });
    SessionInfo {
        you: viewer.id(),
        name: owned(&view.name),
        size_policy: view.policy.to_string(),
        active: view.active,
        count,
        locked: viewer.is_locked(),
        viewers: viewers.collect(),
        revision: view.revision,
        layout: (*view.layout).clone(),
    }
}
