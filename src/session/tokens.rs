//! Secrets that stand for a session for a short time. Only their hashes are kept.

use std::collections::VecDeque;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

use crate::model::id::SessionId;

/// How long one is good: a call to another service and its call back, with a person's patience.
pub(super) const TTL: Duration = Duration::from_secs(5 * 60);

/// Tokens of a session at once; the oldest gives way. Each is 48 bytes here.
const MOST: usize = 64;

/// Random bytes of one: 256 bits.
const BYTES: usize = 32;

/// The tokens of one session.
#[derive(Default)]
pub(super) struct Tokens {
    live: VecDeque<([u8; 32], Instant)>,
}

/// The system gives no random bytes.
pub struct NoRandomness;

/// Draws a secret: 256 bits as base64url.
pub(super) fn secret() -> Result<String, NoRandomness> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl Tokens {
    /// Makes one. It names its session, so that whoever is asked about it knows where to look.
    pub(super) fn issue(
        &mut self,
        session: &SessionId,
        now: Instant,
    ) -> Result<String, NoRandomness> {
        let token = format!("{session}.{}", secret()?);
        self.live.retain(|(_, until)| *until > now);
        if self.live.len() == MOST {
            self.live.pop_front();
        }
        self.live.push_back((hash(&token), now + TTL));
        Ok(token)
    }

    /// How long this one is still good, if it is.
    pub(super) fn check(&self, token: &str, now: Instant) -> Option<Duration> {
        let shown = hash(token);
        let mut left = None;
        // Every one is compared, so that the time does not tell which was near.
        for (hash, until) in &self.live {
            if bool::from(hash.ct_eq(&shown)) {
                left = until.checked_duration_since(now);
            }
        }
        left.filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_time_and_the_oldest_give_way() {
        let id = SessionId::from_entropy([1; 7]);
        let (mut tokens, now) = (Tokens::default(), Instant::now());
        let mut issue = || tokens.issue(&id, now).ok().expect("random");
        let (first, second) = (issue(), issue());
        assert!(first != second && first.starts_with(id.as_str()));
        for _ in 0..MOST - 1 {
            issue();
        }
        assert_eq!(tokens.check(&first, now), None);
        assert_eq!(tokens.check(&second, now), Some(TTL));
        assert_eq!(tokens.check(&second, now + TTL), None);
        assert_eq!(tokens.check("other", now), None);
    }
}
