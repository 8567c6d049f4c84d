//! Asks whether somebody is a user of this server. Whose the passwords are knows somebody else.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use crate::control::error::{Code, RpcError};
use crate::control::protocol::{Proof, Proved, Shown};
use crate::model::access::Role;

/// Bytes of a name, a password or a code at most: what a login of the page may hold.
const MAX_SHOWN: usize = 4 * 1024;

/// What is shown: a name, a password, and the code of a second device. It has no `Debug`, so that
/// nothing of it is logged.
pub struct Password {
    /// The name, as it was typed.
    pub user: String,
    /// The password.
    pub password: String,
    /// The code.
    pub code: Option<String>,
}

/// What somebody who shows a password turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The user, of this role.
    User(Role),
    /// The user, if the code is shown as well.
    CodeNeeded,
    /// The user, with a code that does not hold.
    WrongCode,
    /// Nobody.
    Nobody,
    /// Somebody who tried too often, and may again after so many seconds.
    TooMany(u64),
    /// It cannot be looked at. What happened is in the log.
    Failed,
}

/// What becomes of a question.
pub type Answer = Pin<Box<dyn Future<Output = Found> + Send>>;

/// Knows the passwords of users, and how often somebody may be wrong.
pub trait Passwords: Send + Sync + 'static {
    /// Looks at one that is shown from there; `None`: from this machine.
    fn prove(&self, from: Option<IpAddr>, shown: Password) -> Answer;
}

/// Holds what is shown against what it may be, before anybody looks.
pub(super) fn checked(shown: Shown) -> Result<Password, RpcError> {
    let Shown {
        user,
        password,
        code,
    } = shown;
    let texts = [Some(&user), Some(&password), code.as_ref()];
    if texts
        .into_iter()
        .flatten()
        .any(|text| text.len() > MAX_SHOWN)
    {
        let why = format!("user, password and code have at most {MAX_SHOWN} bytes each");
        return Err(RpcError::new(Code::Params, why));
    }
    Ok(Password {
        user,
        password,
        code,
    })
}

/// What was found, as it is told.
pub(super) fn told(found: Found) -> Result<Proved, RpcError> {
    let (proof, role, retry_after) = match found {
        Found::User(role) => (Proof::Right, Some(role.name().to_owned()), None),
        Found::CodeNeeded => (Proof::CodeNeeded, None, None),
        Found::WrongCode => (Proof::WrongCode, None, None),
        Found::Nobody => (Proof::Wrong, None, None),
        Found::TooMany(seconds) => (Proof::TooMany, None, Some(seconds)),
        Found::Failed => return Err(RpcError::new(Code::Internal, "it cannot be looked at")),
    };
    Ok(Proved {
        proof,
        role,
        retry_after,
    })
}
