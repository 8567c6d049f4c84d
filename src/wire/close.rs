//! Why a connection was closed: the one table of close codes.

/// A WebSocket close code that awp sends. RFC 6455 reserves 4000 to 4999 for applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The session has ended. Do not reconnect.
    Ended = 1000,
    /// The server is going away. Reconnect later.
    GoingAway = 1001,
    /// The client broke the protocol (RFC 6455's own meaning). Do not reconnect.
    Protocol = 1002,
    /// A text message that is not UTF-8 (RFC 6455's own meaning). Do not reconnect.
    NotText = 1007,
    /// Not allowed, or a message that the dialect does not have. Do not reconnect.
    Policy = 1008,
    /// A message was longer than the limit. Do not reconnect.
    TooLarge = 1009,
    /// The process ended, and not with status 0; said in the dialect `tty` only. Do not reconnect.
    Failed = 1011,
    /// No login, or the login has ended. Log in, then reconnect.
    LoginEnded = 4401,
    /// The role was taken away. Do not reconnect.
    RoleTaken = 4403,
    /// There is no such session. Do not reconnect.
    NoSuchSession = 4404,
    /// The client took too long to answer. Reconnect.
    TooSlow = 4408,
    /// The server does not speak this version of the protocol. Load the page again.
    Version = 4409,
    /// Over a limit. Reconnect later.
    OverLimit = 4429,
    /// The server failed. Reconnect later.
    Internal = 4500,
}

impl CloseCode {
    /// Every code, in the order of the documentation's table.
    pub const ALL: [Self; 14] = [
        Self::Ended,
        Self::GoingAway,
        Self::Protocol,
        Self::NotText,
        Self::Policy,
        Self::TooLarge,
        Self::Failed,
        Self::LoginEnded,
        Self::RoleTaken,
        Self::NoSuchSession,
        Self::TooSlow,
        Self::Version,
        Self::OverLimit,
        Self::Internal,
    ];

    /// The number on the wire.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The reason in words, as the close frame carries it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Ended => "the session has ended",
            Self::GoingAway => "the server is going away",
            Self::Protocol => "protocol error",
            Self::NotText => "text that is not UTF-8",
            Self::Policy => "not allowed",
            Self::TooLarge => "message too large",
            Self::Failed => "the process has failed",
            Self::LoginEnded => "not logged in",
            Self::RoleTaken => "the role was taken away",
            Self::NoSuchSession => "no such session",
            Self::TooSlow => "too slow",
            Self::Version => "protocol version not supported",
            Self::OverLimit => "over a limit",
            Self::Internal => "internal error",
        }
    }
}
