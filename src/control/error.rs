//! The errors of the protocol, with the numbers that programs look at.

use serde::{Deserialize, Serialize};

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The line is not JSON.
    Parse,
    /// It is JSON and no request.
    Request,
    /// There is no such method.
    Method,
    /// The parameters are not the method's.
    Params,
    /// The caller may not do this.
    NotAllowed,
    /// Nobody is there whose client could do it.
    NoClient,
    /// It took too long.
    Timeout,
    /// More than there may be.
    Quota,
    /// It was done or decided before, or there is no such thing.
    Conflict,
    /// The session is over.
    Gone,
    /// The server cannot, for a reason of its own.
    Internal,
}

impl Code {
    /// Every kind with its number and what it says, as the documentation lists them.
    pub const ALL: [(Self, i32, &'static str); 11] = [
        (Self::Parse, -32700, "the line is not JSON"),
        (Self::Request, -32600, "the line is no request"),
        (Self::Method, -32601, "there is no such method"),
        (Self::Params, -32602, "the parameters are not the method's"),
        (Self::NotAllowed, -32000, "the caller may not do this"),
        (
            Self::NoClient,
            -32001,
            "nobody is there whose page could do it",
        ),
        (Self::Timeout, -32002, "it took too long"),
        (Self::Quota, -32003, "more than there may be"),
        (Self::Conflict, -32004, "decided before, or not there"),
        (Self::Gone, -32006, "the session is over"),
        (Self::Internal, -32603, "the server cannot"),
    ];

    /// Its number.
    pub fn number(self) -> i32 {
        let found = Self::ALL.iter().find(|(code, ..)| *code == self);
        found.map_or(0, |(_, number, _)| *number)
    }
}

/// An error as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct RpcError {
    /// Its number.
    pub code: i32,
    /// What happened, in one line.
    pub message: String,
}

impl RpcError {
    /// An error of this kind.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code: code.number(),
            message: message.into(),
        }
    }

    /// The caller may not do this.
    pub fn not_allowed(message: impl Into<String>) -> Self {
        Self::new(Code::NotAllowed, message)
    }

    /// The session takes no more requests.
    pub fn gone() -> Self {
        Self::new(Code::Gone, "the session is over")
    }
}
