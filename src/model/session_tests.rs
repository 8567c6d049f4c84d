//! The rules of a session, event by event.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::colors::Rgb;
use crate::model::layout::Node;
use crate::model::mode::Mode;

const SMALL: Size = Size { cols: 40, rows: 20 };
const LARGE: Size = Size {
    cols: 160,
    rows: 50,
};
const MINUTE: Duration = Duration::from_secs(60);

fn session(on_disconnect: OnDisconnect, policy: SizePolicy) -> SessionState {
    let mut session = SessionState::new(on_disconnect, policy, Size::DEFAULT);
    assert!(session.apply(Event::Started).is_empty());
    session
}

fn join(session: &mut SessionState, viewer: u64, role: Role, size: Size) -> Vec<Effect> {
    session.apply(Event::Joined {
        viewer: ViewerId(viewer),
        role,
        size: Some(size),
    })
}

fn colors(grey: u8) -> Colors {
    let background = Rgb(grey, grey, grey);
    Colors {
        background,
        ..Colors::default()
    }
}

fn resize(size: Size) -> Effect {
    Effect::Resize(ProcessId(1), size)
}

#[test]
fn the_last_viewer_to_leave_ends_a_hangup_session_and_only_arms_the_clock_of_a_kept_one() {
    let mut hangup = session(OnDisconnect::Hangup, SizePolicy::Active);
    let mut kept = session(OnDisconnect::Keep(Some(MINUTE)), SizePolicy::Active);
    for session in [&mut hangup, &mut kept] {
        join(session, 1, Role::Owner, Size::DEFAULT);
        join(session, 2, Role::Owner, Size::DEFAULT);
        assert!(session.apply(Event::Left(ViewerId(1))).is_empty());
    }
    assert_eq!(
        hangup.apply(Event::Left(ViewerId(2))),
        [Effect::EndProcesses]
    );
    assert_eq!(hangup.phase(), Phase::Ending);
    assert_eq!(
        kept.apply(Event::Left(ViewerId(2))),
        [Effect::Deadline(MINUTE)]
    );
    assert_eq!(
        join(&mut kept, 3, Role::Owner, Size::DEFAULT),
        [Effect::NoDeadline]
    );
    assert!(
        kept.apply(Event::Expired).is_empty(),
        "somebody came back in time"
    );
    kept.apply(Event::Left(ViewerId(3)));
    assert_eq!(kept.apply(Event::Expired), [Effect::EndProcesses]);
}

#[test]
fn a_session_that_nobody_has_seen_waits_for_its_first_viewer() {
    let made = |rule| {
        let mut session = SessionState::new(rule, SizePolicy::Active, Size::DEFAULT);
        let at_first = session.apply(Event::Unattended);
        session.apply(Event::Started);
        (session, at_first)
    };
    let unseen = [Effect::Deadline(UNSEEN_KEEP)];
    let exited = Event::Exited(ProcessId(1), ExitStatus::Code(0));
    let (_, kept) = made(OnDisconnect::Keep(Some(MINUTE * 2)));
    assert_eq!(kept, [Effect::Deadline(MINUTE * 2)]);
    assert!(made(OnDisconnect::Keep(None)).1.is_empty());

    let (mut session, at_first) = made(OnDisconnect::Hangup);
    assert_eq!(at_first, unseen);
    assert_eq!(session.apply(Event::Expired), [Effect::EndProcesses]);

    let (mut session, _) = made(OnDisconnect::Hangup);
    assert_eq!(
        session.apply(exited.clone()),
        unseen,
        "it can still be read"
    );
    join(&mut session, 1, Role::Owner, Size::DEFAULT);
    assert_eq!(session.apply(Event::Left(ViewerId(1))), [Effect::Forget]);

    let (mut session, _) = made(OnDisconnect::Hangup);
    join(&mut session, 1, Role::Owner, Size::DEFAULT);
    let left = session.apply(Event::Left(ViewerId(1)));
    assert_eq!(left, [Effect::EndProcesses]);
}

#[test]
fn somebody_who_is_no_viewer_may_ask_for_a_size_unless_it_is_fixed() {
    let mut session = session(OnDisconnect::Hangup, SizePolicy::Active);
    assert_eq!(session.apply(Event::Sized(None, LARGE)), [resize(LARGE)]);
    assert!(session.apply(Event::Sized(None, LARGE)).is_empty());
    let fixed = SizePolicy::Fixed(SMALL);
    let mut session = SessionState::new(OnDisconnect::Hangup, fixed, LARGE);
    assert!(session.apply(Event::Sized(None, LARGE)).is_empty());
}

#[test]
fn a_session_ends_with_its_last_process_and_lingers_if_it_was_kept() {
    let mut kept = session(OnDisconnect::default_of(Mode::Pty), SizePolicy::Active);
    kept.apply(Event::Started);
    assert!(
        kept.apply(Event::Exited(ProcessId(1), ExitStatus::Code(0)))
            .is_empty()
    );
    let effects = kept.apply(Event::Exited(ProcessId(2), ExitStatus::Code(3)));
    assert_eq!(
        effects,
        [Effect::Deadline(
            OnDisconnect::default_of(Mode::Pty).linger()
        )]
    );
    assert_eq!(kept.next_process(), None);
    assert_eq!(kept.apply(Event::Expired), [Effect::Forget]);
    let mut hangup = session(OnDisconnect::Hangup, SizePolicy::Active);
    assert_eq!(
        hangup.apply(Event::Exited(ProcessId(1), ExitStatus::Code(0))),
        [Effect::Forget]
    );
}

#[test]
fn the_size_follows_the_policy() {
    let sizes = |policy| {
        let mut session = session(OnDisconnect::Hangup, policy);
        join(&mut session, 1, Role::Owner, LARGE);
        join(&mut session, 2, Role::Write, SMALL);
        join(&mut session, 3, Role::Watch, Size { cols: 5, rows: 5 });
        let joined = session.size();
        session.apply(Event::Typed(ViewerId(2)));
        (joined, session.size())
    };
    assert_eq!(sizes(SizePolicy::Active), (LARGE, SMALL));
    assert_eq!(sizes(SizePolicy::Owner), (LARGE, LARGE));
    assert_eq!(sizes(SizePolicy::Smallest), (SMALL, SMALL));
    assert_eq!(
        sizes(SizePolicy::Fixed(Size::DEFAULT)),
        (Size::DEFAULT, Size::DEFAULT)
    );
}

#[test]
fn when_the_active_viewer_leaves_another_writer_decides() {
    let mut session = session(OnDisconnect::default_of(Mode::Pty), SizePolicy::Active);
    join(&mut session, 1, Role::Owner, LARGE);
    join(&mut session, 2, Role::Write, SMALL);
    assert_eq!(session.apply(Event::Left(ViewerId(1))), [resize(SMALL)]);
    assert_eq!(session.active(), Some(ViewerId(2)));
}

fn event() -> impl Strategy<Value = Event> {
    let viewer = (0_u64..4).prop_map(ViewerId);
    let role = prop_oneof![Just(Role::Watch), Just(Role::Write), Just(Role::Owner)];
    let process = proptest::option::of((1_u16..4).prop_map(ProcessId));
    let size = (1_u16..200, 1_u16..60).prop_map(|(cols, rows)| Size { cols, rows });
    prop_oneof![
        Just(Event::Unattended),
        Just(Event::Started),
        Just(Event::Renewing),
        Just(Event::Renewed),
        (1_u16..4).prop_map(|process| Event::Exited(ProcessId(process), ExitStatus::Code(0))),
        (viewer.clone(), role, proptest::option::of(size.clone()))
            .prop_map(|(viewer, role, size)| Event::Joined { viewer, role, size }),
        viewer.clone().prop_map(Event::Left),
        (viewer.clone(), process.clone(), size.clone())
            .prop_map(|(viewer, process, size)| Event::Resized(viewer, process, size)),
        (viewer.clone(), any::<u8>())
            .prop_map(|(viewer, grey)| Event::Colored(viewer, colors(grey))),
        viewer.prop_map(Event::Typed),
        (process, size).prop_map(|(process, size)| Event::Sized(process, size)),
        (1_u16..4).prop_map(|process| Event::Closed(ProcessId(process))),
        Just(Event::End),
        Just(Event::Expired),
    ]
}

proptest! {
    /// Whatever happens: a phase never goes back, the sizes told are the sizes kept, and the layout
    /// is one, of exactly the processes that there are.
    #[test]
    fn a_session_only_goes_forward(events in proptest::collection::vec(event(), 0..60)) {
        let mut session = session(OnDisconnect::default_of(Mode::Pty), SizePolicy::Active);
        let mut sizes = BTreeMap::from([(ProcessId(1), session.size())]);
        for event in events {
            let before = session.phase();
            let newest = session.size();
            let started = (event == Event::Started).then(|| session.next_process()).flatten();
            for effect in session.apply(event) {
                match effect {
                    Effect::Resize(process, told) => {
                        sizes.insert(process, told);
                    }
                    Effect::Close(process) => {
                        sizes.remove(&process);
                    }
                    _ => {}
                }
            }
            sizes.extend(started.map(|process| (process, newest)));
            // A login program beside the others is in no layout.
            let others = || session.processes().iter().filter(|(id, _)| **id != ProcessId::LOGIN);
            sizes.remove(&ProcessId::LOGIN);
            prop_assert_eq!(&sizes, &others().map(|(id, state)| (*id, state.size)).collect());
            let laid_out = session.layout().0.processes().expect("a layout");
            prop_assert!(laid_out.iter().eq(others().map(|(id, _)| id)));
            let rank = |phase| [Phase::Running, Phase::Ending, Phase::Ended].iter().position(|item| *item == phase);
            prop_assert!(rank(session.phase()) >= rank(before));
            prop_assert!(session.processes().len() <= MAX_PROCESSES);
        }
    }
}

#[test]
fn each_process_has_the_size_of_the_part_that_shows_it() {
    let mut session = session(OnDisconnect::Hangup, SizePolicy::Active);
    session.apply(Event::Started);
    join(&mut session, 1, Role::Owner, LARGE);
    let part = Event::Resized(ViewerId(1), Some(ProcessId(2)), SMALL);
    assert_eq!(
        session.apply(part),
        [Effect::Resize(ProcessId(2), SMALL)],
        "the other keeps its size"
    );
    // From now on it has a say about that part alone.
    let all = Event::Resized(ViewerId(1), None, Size::DEFAULT);
    assert!(session.apply(all).is_empty());
    let unknown = Event::Resized(ViewerId(1), Some(ProcessId(9)), SMALL);
    assert!(session.apply(unknown).is_empty());
    session.apply(Event::Started);
    assert_eq!(
        session
            .processes()
            .get(&ProcessId(3))
            .map(|state| state.size),
        Some(SMALL)
    );
}

#[test]
fn a_layout_is_taken_over_if_it_was_made_from_the_newest_and_is_complete() {
    let panes = |processes: &[u16]| Layout {
        tabs: processes
            .iter()
            .map(|id| Node::Pane(ProcessId(*id)))
            .collect(),
    };
    let mut session = session(OnDisconnect::Hangup, SizePolicy::Active);
    session.apply(Event::Started);
    let (layout, revision) = session.layout();
    assert_eq!(*layout, panes(&[1, 2]));
    let mut arrange = |revision, processes: &[u16]| session.arrange(revision, panes(processes));
    assert_eq!(arrange(revision, &[2, 1]), Ok(Vec::new()));
    assert_eq!(arrange(revision, &[2, 1]), Err(BadLayout::Stale));
    let revision = revision + 1;
    let missing = Err(BadLayout::Missing(ProcessId(1)));
    assert_eq!(arrange(revision, &[2]), missing);
    let unknown = Err(BadLayout::Unknown(ProcessId(3)));
    assert_eq!(arrange(revision, &[1, 2, 3]), unknown);
    session.apply(Event::Exited(ProcessId(1), ExitStatus::Code(0)));
    let closed = session.arrange(revision, panes(&[2]));
    assert_eq!(closed, Ok(vec![Effect::Close(ProcessId(1))]));
    assert_eq!(
        session.next_process(),
        Some(ProcessId(3)),
        "no number twice"
    );
}

#[test]
fn programs_are_told_the_colours_of_whoever_typed_last() {
    let mut session = session(OnDisconnect::default_of(Mode::Pty), SizePolicy::Active);
    let (light, dark) = (colors(0xf0), colors(0x10));
    join(&mut session, 1, Role::Owner, Size::DEFAULT);
    join(&mut session, 2, Role::Write, Size::DEFAULT);
    join(&mut session, 3, Role::Watch, Size::DEFAULT);
    let mut said = |viewer, colors| session.apply(Event::Colored(ViewerId(viewer), colors));
    assert_eq!(said(1, light), [Effect::Colors(light)]);
    assert_eq!(said(1, light), []);
    assert_eq!(said(2, dark), [], "another one types");
    assert_eq!(said(3, colors(0x77)), [], "one that may not type");
    assert_eq!(said(9, colors(0x77)), [], "one that is not there");
    let typed = session.apply(Event::Typed(ViewerId(2)));
    assert_eq!(typed, [Effect::Colors(dark)]);
    session.apply(Event::Left(ViewerId(2)));
    session.apply(Event::Left(ViewerId(1)));
    assert_eq!(session.colors(), dark, "they hold until another one types");
}

#[test]
fn a_login_program_beside_others_is_in_no_layout_and_keeps_nothing_alive() {
    let mut session = session(OnDisconnect::Keep(Some(MINUTE)), SizePolicy::Active);
    join(&mut session, 1, Role::Owner, LARGE);
    let (layout, revision) = session.layout();
    let before = (layout.clone(), revision);
    assert!(session.apply(Event::Renewing).is_empty());
    assert_eq!(session.processes()[&ProcessId::LOGIN].size, LARGE);
    let part = Event::Resized(ViewerId(1), Some(ProcessId::LOGIN), SMALL);
    assert_eq!(
        session.apply(part),
        [Effect::Resize(ProcessId::LOGIN, SMALL)]
    );
    let exited = Event::Exited(ProcessId(1), ExitStatus::Code(0));
    assert!(matches!(session.apply(exited)[..], [Effect::Deadline(_)]));
    assert_eq!(session.phase(), Phase::Ended);
    assert!(session.apply(Event::Renewed).is_empty());
    let (layout, revision) = session.layout();
    assert_eq!((layout.clone(), revision), before);
    assert_eq!(session.processes().len(), 1);
    // It has no say about the others either, once it is gone.
    assert_eq!(
        session.viewers()[&ViewerId(1)].size(ProcessId(1)),
        Some(LARGE)
    );
}
