//! Names of things: sessions, processes, viewers, clients.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Random bytes that a [`SessionId`] is made from: 10 base32 characters use 50 bits of them.
pub const SESSION_ID_ENTROPY: usize = 7;

/// Lower-case base32 without the letters and digits that are easily confused (`i l o u`).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A session's unguessable name: `s-` and 10 base32 characters, 50 random bits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl SessionId {
    /// Makes the id that these random bytes spell. The caller draws them from the system.
    pub fn from_entropy(random: [u8; SESSION_ID_ENTROPY]) -> Self {
        let mut bits = 0_u64;
        for byte in random {
            bits = bits << 8 | u64::from(byte);
        }
        let mut text = String::with_capacity(12);
        text.push_str("s-");
        for index in 0..10 {
            text.push(char::from(ALPHABET[(bits >> (5 * index) & 31) as usize]));
        }
        Self(text)
    }

    /// Reads an id that a client named; `None` if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("s-")?;
        let valid = rest.len() == 10 && rest.bytes().all(|byte| ALPHABET.contains(&byte));
        valid.then(|| Self(text.to_owned()))
    }

    /// The id as clients write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A process of a session, numbered from 1 in start order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProcessId(pub u16);

impl ProcessId {
    /// A session's login program, which is gone before the session's first process is started.
    pub const LOGIN: Self = Self(0);

    /// A session's first process.
    pub const FIRST: Self = Self(1);
}

impl fmt::Display for ProcessId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// One attached connection, numbered per session and never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ViewerId(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_id_has_its_form_and_reads_back() {
        let id = SessionId::from_entropy([0xff; SESSION_ID_ENTROPY]);
        assert_eq!(id.as_str(), "s-zzzzzzzzzz");
        assert_eq!(SessionId::parse(id.as_str()), Some(id));
        assert_eq!(SessionId::from_entropy([0; 7]).as_str(), "s-0000000000");
    }

    #[test]
    fn what_cannot_be_an_id_is_none() {
        for text in [
            "",
            "s-",
            "s-short",
            "x-0000000000",
            "s-000000000I",
            "s-00000000000",
        ] {
            assert_eq!(SessionId::parse(text), None, "{text}");
        }
    }
}
