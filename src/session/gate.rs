//! Who a session is for: said once by its login program, before anything else of it begins.
//!
//! The login program is the session's first process. What it writes is shown to its opener alone
//! and kept nowhere; once it has said who is there, and has ended well, it is forgotten and the
//! application is started in its place.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

use super::starts::Start;
use crate::clock;
use crate::control::error::{Code, RpcError};
use crate::control::protocol::{Deny, Grant};
use crate::model::id::ViewerId;
use crate::model::process::ProcessSpec;

/// How long a login program has to exit once it has said who is there.
const TO_EXIT: Duration = Duration::from_secs(2);

/// Tries that a login program may ask for; whoever needs more begins anew, at the pace of starts.
const MAX_TRIES: u8 = 6;

/// Characters of a subject at most.
const MAX_SUBJECT: usize = 256;

/// Bytes of what is known of somebody, as JSON: it goes into an environment.
const MAX_CLAIMS: usize = 16 * 1024;

/// The longest time that a grant holds: a login is not for ever.
const MAX_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How far a session's login has come.
#[derive(Clone, Debug, Default)]
pub enum Login {
    /// It has none.
    #[default]
    None,
    /// Its login program runs.
    Running,
    /// It is somebody's.
    Granted(Arc<Identity>),
    /// It is somebody's who has to log in again: until then nobody sees or types anything else.
    Locked {
        /// Whose it is.
        identity: Arc<Identity>,
        /// Who sits before the login program, if anybody does, and how often it was run again.
        seat: Option<(ViewerId, u32)>,
    },
    /// Nobody was let in.
    Denied,
    /// Somebody else logged in to what is somebody's: it ends, and shows nothing more.
    Barred,
}

/// Who a session is for.
#[derive(Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub subject: String,
    /// What people call them.
    pub name: Option<String>,
    /// What else is known of them.
    pub claims: Map<String, Value>,
    /// How they proved it.
    pub acr: Option<String>,
    /// When it ends, in seconds since 1970.
    pub expires: Option<u64>,
}

impl Identity {
    /// What a process of the session finds in its environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        let claims = serde_json::to_string(&self.claims).unwrap_or_default();
        let pairs = [
            ("AWP_USER", self.subject.clone()),
            ("REMOTE_USER", self.subject.clone()),
            ("AWP_CLAIMS", claims),
            ("AWP_ROLE", "app".to_owned()),
        ];
        pairs.map(|(key, value)| (key.to_owned(), value)).into()
    }
}

/// The door of a session whose login program runs.
pub(super) struct Gate {
    /// What is started once somebody is let in; `None`: it runs already.
    app: Option<ProcessSpec>,
    nonce: String,
    /// When it is too late.
    deadline: Instant,
    tries: u8,
    granted: Option<(Arc<Identity>, Option<Duration>)>,
    /// Where whoever logs in comes from; `None`: this machine.
    from: Option<IpAddr>,
    /// Its place among the logins that are under way. One that is run again needs none: a session
    /// runs one at a time.
    _start: Option<Start>,
}

/// What is to follow from a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denial {
    /// The login program asks once more.
    Retry,
    /// The session ends.
    End,
}

impl Gate {
    pub(super) fn new(app: ProcessSpec, nonce: String, timeout: Duration, start: Start) -> Self {
        let from = start.from();
        Self {
            app: Some(app),
            _start: Some(start),
            ..Self::again(nonce, timeout, from)
        }
    }

    /// The door of a session whose login program runs again.
    pub(super) fn again(nonce: String, timeout: Duration, from: Option<IpAddr>) -> Self {
        Self {
            app: None,
            nonce,
            deadline: Instant::now() + timeout,
            tries: 0,
            granted: None,
            from,
            _start: None,
        }
    }

    pub(super) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Where whoever logs in comes from; `None`: this machine.
    pub(super) const fn from(&self) -> Option<IpAddr> {
        self.from
    }

    /// When it is to be looked at.
    pub(super) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Takes a grant. The first one counts.
    pub(super) fn grant(&mut self, grant: Grant) -> Result<Arc<Identity>, RpcError> {
        if !bool::from(grant.nonce.as_bytes().ct_eq(self.nonce.as_bytes())) {
            return Err(RpcError::not_allowed("the nonce is not this session's"));
        }
        if self.granted.is_some() {
            return Err(RpcError::new(
                Code::Conflict,
                "the session was granted before",
            ));
        }
        let now = Instant::now();
        if self.deadline <= now {
            return Err(RpcError::new(Code::Timeout, "the deadline has passed"));
        }
        let (identity, ttl) = checked(grant)?;
        let identity = Arc::new(identity);
        self.granted = Some((Arc::clone(&identity), ttl));
        self.deadline = self.deadline.min(now + TO_EXIT);
        Ok(identity)
    }

    /// Takes a denial.
    pub(super) fn deny(&mut self, deny: &Deny) -> Result<Denial, RpcError> {
        if self.granted.is_some() {
            return Err(RpcError::new(
                Code::Conflict,
                "the session was granted before",
            ));
        }
        self.tries += 1;
        let again = deny.retry && self.tries < MAX_TRIES;
        Ok(if again { Denial::Retry } else { Denial::End })
    }

    /// The login program has ended, well or not: who is let in, to what, and for how long.
    pub(super) fn close(
        self,
        well: bool,
    ) -> Option<(Arc<Identity>, Option<Duration>, Option<ProcessSpec>)> {
        let (identity, ttl) = self.granted.filter(|_| well)?;
        Some((identity, ttl, self.app))
    }
}

fn checked(grant: Grant) -> Result<(Identity, Option<Duration>), RpcError> {
    let wrong = |why: String| Err(RpcError::new(Code::Params, why));
    let subject = grant.subject;
    let length = subject.chars().count();
    if !(1..=MAX_SUBJECT).contains(&length) || subject.contains(char::is_control) {
        return wrong(format!(
            "a subject has 1 to {MAX_SUBJECT} characters, none of them a control character"
        ));
    }
    let texts = [&grant.name, &grant.acr].into_iter().flatten();
    for text in texts {
        if text.chars().count() > MAX_SUBJECT || text.contains(char::is_control) {
            return wrong(format!(
                "name and acr have at most {MAX_SUBJECT} characters, none of them a control character"
            ));
        }
    }
    // The environment takes no NUL byte; as JSON a text has none.
    if serde_json::to_string(&grant.claims).map_or(0, |claims| claims.len()) > MAX_CLAIMS {
        return wrong(format!("claims have at most {MAX_CLAIMS} bytes"));
    }
    let ttl = grant.ttl.map(Duration::from_secs);
    if ttl.is_some_and(|ttl| ttl.is_zero() || ttl > MAX_TTL) {
        return wrong(format!("a ttl is 1 to {} seconds", MAX_TTL.as_secs()));
    }
    let expires = ttl.map(|ttl| clock::seconds().saturating_add(ttl.as_secs()));
    let identity = Identity {
        subject,
        name: grant.name,
        claims: grant.claims,
        acr: grant.acr,
        expires,
    };
    Ok((identity, ttl))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mode::Mode;
    use crate::model::process::Stdio;
    use crate::model::size::Size;
    use crate::session::starts::Starts;

    fn gate() -> Gate {
        let app = ProcessSpec {
            command: vec!["true".to_owned()],
            mode: Mode::Pty,
            cwd: None,
            env: Vec::new(),
            size: Size::DEFAULT,
            stdio: Stdio::default(),
            account: None,
            resources: crate::model::resource::Resources::default(),
            shims: crate::model::process::Shims::default(),
        };
        let start = Starts::default().take("a", None, 1).expect("the first");
        Gate::new(app, "right".to_owned(), Duration::from_secs(60), start)
    }

    fn grant(subject: &str, nonce: &str) -> Grant {
        Grant {
            subject: subject.to_owned(),
            name: None,
            claims: Map::new(),
            acr: None,
            ttl: None,
            nonce: nonce.to_owned(),
        }
    }

    #[test]
    fn the_first_good_grant_counts_and_only_a_good_end_lets_in() {
        let mut gate = gate();
        let code = |error: Result<_, RpcError>| error.map(|_: Arc<Identity>| ()).unwrap_err().code;
        assert_eq!(code(gate.grant(grant("root", ""))), -32000);
        assert_eq!(code(gate.grant(grant("root", "wrong"))), -32000);
        let long = "x".repeat(MAX_SUBJECT + 1);
        for subject in ["", "a\nb", &long] {
            assert_eq!(code(gate.grant(grant(subject, "right"))), -32602);
        }
        assert!(gate.grant(grant("alice", "right")).is_ok());
        assert_eq!(code(gate.grant(grant("mallory", "right"))), -32004);
        assert!(gate.deny(&Deny::default()).is_err());
        let (identity, ..) = gate.close(true).expect("somebody");
        assert_eq!(identity.subject, "alice");
    }

    #[test]
    fn a_bad_end_lets_nobody_in_and_tries_are_counted() {
        let mut granted = gate();
        assert!(granted.grant(grant("alice", "right")).is_ok());
        assert!(granted.close(false).is_none());
        assert!(gate().close(true).is_none());
        let retry = Deny {
            retry: true,
            ..Deny::default()
        };
        let mut gate = gate();
        let tries: Vec<_> = (0..MAX_TRIES)
            .filter_map(|_| gate.deny(&retry).ok())
            .collect();
        assert_eq!(tries.last(), Some(&Denial::End));
        assert!(
            tries[..tries.len() - 1]
                .iter()
                .all(|one| *one == Denial::Retry)
        );
    }

    #[test]
    fn what_comes_too_late_is_refused() {
        let mut gate = gate();
        gate.deadline = Instant::now();
        assert_eq!(
            gate.grant(grant("alice", "right")).unwrap_err().code,
            -32002
        );
    }
}
