//! How a program's question reaches a person, and how the answer comes back.

use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout};

use super::asks::{About, Answer, OFFER_TIME, Offered};
use super::files::{FileError, Refused};
use super::handle::{Command, SessionHandle};
use super::said;
use super::target::{Target, root, split};
use crate::control::error::{Code, RpcError};
use crate::control::protocol::{self, Given, Question, Replied, Wanted};
use crate::control::serve::Caller;
use crate::model::file_path::FilePath;
use crate::model::id::ProcessId;
use crate::model::notice::Notice;

/// How long a question waits where nobody says how long: as long as somebody takes who is there.
const WAIT: Duration = Duration::from_secs(300);

/// The longest that a question waits.
const MAX_WAIT: u64 = 3600;

/// Takes a question back when nobody waits for its answer any more, however that came about.
struct Asked {
    session: SessionHandle,
    process: ProcessId,
    ask: u64,
}

impl Drop for Asked {
    fn drop(&mut self) {
        let ask = self.ask;
        self.session.desk(|desk| desk.asks.withdraw(ask));
        self.session.files().abandon_asked(ask);
        self.session
            .tell(Command::Told(self.process, Notice::Answered { ask }));
    }
}

/// Asks for a secret, or for yes or no.
pub(super) async fn question(
    session: &SessionHandle,
    process: ProcessId,
    about: About,
    question: Question,
) -> Result<Replied, RpcError> {
    let text = said::question(&question.text)?;
    let shown = question.shown;
    let yes_or_no = about == About::Confirm;
    let notice = |ask| {
        if yes_or_no {
            Notice::Confirm { ask, text }
        } else {
            Notice::Secret { ask, text, shown }
        }
    };
    let about = (about, None);
    let answer = asked(session, process, about, question.wait, notice).await?;
    Ok(match answer {
        Answer::Accepted(text) => Replied {
            action: "accept",
            text,
        },
        Answer::File { .. } | Answer::Declined => Replied {
            action: "decline",
            text: None,
        },
    })
}

/// Asks for a file.
pub(super) async fn file(
    session: &SessionHandle,
    process: ProcessId,
    caller: Caller,
    wanted: Wanted,
) -> Result<Given, RpcError> {
    let text = said::text(&wanted.text)?;
    let accept = wanted.accept.as_deref().map(said::accept).transpose()?;
    session.files().check().map_err(|error| refused(&error))?;
    let target = match wanted.path {
        Some(path) => Some(aimed(session, caller, path, wanted.overwrite).await?),
        None => None,
    };
    let path = target.as_ref().map(|target| said::name(&target.shown()));
    let notice = |ask| Notice::Upload {
        ask,
        text,
        accept,
        path,
    };
    let about = (About::File, target);
    let answer = asked(session, process, about, wanted.wait, notice).await?;
    Ok(match answer {
        Answer::File { path, size } => Given {
            action: "accept",
            path: Some(path),
            size: Some(size),
        },
        Answer::Accepted(_) | Answer::Declined => Given {
            action: "decline",
            path: None,
            size: None,
        },
    })
}

/// Where a program wants its file.
async fn aimed(
    session: &SessionHandle,
    caller: Caller,
    path: String,
    overwrite: bool,
) -> Result<Target, RpcError> {
    absolute(&path)?;
    let private = session.files().private();
    let found = spawn_blocking(move || Target::find(caller, &path, overwrite, private)).await;
    found
        .map_err(|_| RpcError::gone())?
        .map_err(|error| unusable(&error))
}

fn absolute(path: &str) -> Result<(), RpcError> {
    if path.starts_with('/') {
        return Ok(());
    }
    Err(RpcError::new(Code::Params, "the path is absolute"))
}

/// A path that cannot be used.
fn unusable(error: &FileError) -> RpcError {
    let code = match error {
        FileError::Denied => Code::NotAllowed,
        FileError::Exists => Code::Conflict,
        FileError::Full => Code::Quota,
        FileError::System(_) => Code::Internal,
        FileError::Missing | FileError::Outside | FileError::Special => Code::Params,
    };
    RpcError::new(code, error.to_string())
}

async fn asked(
    session: &SessionHandle,
    process: ProcessId,
    (about, target): (About, Option<Target>),
    wait: Option<u64>,
    notice: impl FnOnce(u64) -> Notice,
) -> Result<Answer, RpcError> {
    if wait.is_some_and(|wait| !(1..=MAX_WAIT).contains(&wait)) {
        let why = format!("wait is 1 to {MAX_WAIT} seconds");
        return Err(RpcError::new(Code::Params, why));
    }
    let taken = session.desk(|desk| desk.asks.ask(about));
    let full = || RpcError::new(Code::Quota, "too many questions wait for an answer");
    let (ask, answered) = taken.ok_or_else(full)?;
    let _asked = Asked {
        session: session.clone(),
        process,
        ask,
    };
    session.desk(|desk| desk.asks.aim(ask, target));
    if session.post(process, notice(ask)).await? == 0 {
        let why = "nobody is there whose page could ask";
        return Err(RpcError::new(Code::NoClient, why));
    }
    let wait = wait.map_or(WAIT, Duration::from_secs);
    match timeout(wait, answered).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => Err(RpcError::gone()),
        Err(_) => Err(RpcError::new(Code::Timeout, "nobody answered in time")),
    }
}

/// Offers a file.
pub(super) async fn offer(
    session: &SessionHandle,
    process: ProcessId,
    caller: Caller,
    offer: protocol::Offer,
) -> Result<protocol::Offered, RpcError> {
    session.files().check().map_err(|error| refused(&error))?;
    let path = offer.path;
    absolute(&path)?;
    let (private, most) = (session.files().private(), session.files().file_bytes());
    let found = spawn_blocking(move || {
        let (folder, name) = split(&path)?;
        let root = root(caller, folder, private)?;
        let place = root.path().to_string_lossy().into_owned();
        let below = FilePath::parse(name, &place).map_err(|_| FileError::Missing)?;
        let file = root.file(&below)?;
        let size = file.metadata()?.len();
        Ok::<_, FileError>((file, name.to_owned(), size))
    });
    let found = found.await.map_err(|_| RpcError::gone())?;
    let (file, name, size) = found.map_err(|error| unusable(&error))?;
    if size > most {
        let why = Refused::TooLarge(most).to_string();
        return Err(RpcError::new(Code::Quota, why));
    }
    let offered = Offered {
        file: file.into(),
        name: name.clone(),
    };
    let offer = session.desk(|desk| desk.asks.offer(offered, Instant::now()));
    let shown = name.clone();
    let notice = Notice::Offer {
        offer,
        name: said::name(&shown),
        size,
    };
    if session.post(process, notice).await? == 0 {
        let why = "nobody is there whose page could ask";
        return Err(RpcError::new(Code::NoClient, why));
    }
    // A descriptor is not kept for somebody who never comes: one timer for each, which ends.
    let held = session.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = sleep(OFFER_TIME) => held.desk(|desk| desk.asks.expire(Instant::now())),
            () = held.files().closed() => {}
        }
    });
    Ok(protocol::Offered { name, size })
}

fn refused(error: &Refused) -> RpcError {
    RpcError::not_allowed(error.to_string())
}

impl SessionHandle {
    /// What the question is about that waits under this number; nothing while the session is locked.
    pub fn asks(&self, ask: u64) -> Option<About> {
        if self.is_locked() {
            return None;
        }
        self.desk(|desk| desk.asks.about(ask))
    }

    /// Answers a question of a program. False where it does not wait, or for something else.
    pub fn answer(&self, ask: u64, answer: Answer) -> bool {
        !self.is_locked() && self.desk(|desk| desk.asks.answer(ask, answer))
    }

    /// Where the file goes that a question is about, if its program has said so.
    pub fn target(&self, ask: u64) -> Option<Target> {
        self.desk(|desk| desk.asks.target(ask))
    }

    /// A file that was offered is taken, to its last byte.
    pub fn taken(&self, offer: u64) {
        self.desk(|desk| desk.asks.taken(offer));
    }

    /// A file that a program offers.
    pub fn offered(&self, offer: u64) -> Option<Offered> {
        if self.is_locked() {
            return None;
        }
        self.desk(|desk| desk.asks.offered(offer, Instant::now()))
    }
}
