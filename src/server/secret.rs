//! Random secrets, and the hashes that are kept of them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Random bytes of a secret: 256 bits, beyond any guessing.
pub const SECRET_BYTES: usize = 32;

/// The system gave no randomness; nothing secret can be made.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes: {0}")]
pub struct NoRandomness(pub(super) getrandom::Error);

/// Draws a new secret: 256 bits as base64url, 43 characters.
///
/// # Errors
/// If the system gives no random bytes.
pub fn random() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 of a secret: all that the server keeps. Secrets have full entropy, so a plain hash
/// gives nothing away. Equality takes the same time wherever two hashes differ.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Hashes a secret.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// The hash, to be kept where secrets are looked up by it.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What tells this secret from another one to somebody who knows neither: the hash of the
    /// hash, as text.
    pub fn mark(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0))
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_their_hashes_compare() {
        let one = random().unwrap();
        let other = random().unwrap();
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
        assert_eq!(SecretHash::of(&one), SecretHash::of(&one));
        assert_ne!(SecretHash::of(&one), SecretHash::of(&other));
    }

    #[test]
    fn debug_output_says_nothing() {
        assert_eq!(format!("{:?}", SecretHash::of("x")), "SecretHash(..)");
    }
}
