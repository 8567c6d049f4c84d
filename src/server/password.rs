//! Passwords: what may be one, how it is hashed, how one is held against a hash.
//!
//! A hash takes 19 MiB and some tens of milliseconds on purpose, so whoever asks for one limits how
//! many there are at once.

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::store::users::PasswordHash;

/// The longest password, in bytes: longer than any sentence, short enough to be read at a door.
pub const LONGEST: usize = 1024;

/// A password with fewer characters than this is guessed before long.
pub const SHORT: usize = 8;

/// Memory of one hash, in KiB: OWASP's first choice for argon2id, with [`PASSES`] and [`LANES`].
const MEMORY: u32 = 19_456;
/// How often the memory is gone through.
const PASSES: u32 = 2;
/// How many parts of it are gone through at once.
const LANES: u32 = 1;

/// Random bytes that make two equal passwords differ (RFC 9106, section 3.1).
const SALT: usize = 16;

/// Why a password cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// There is nothing to guess.
    #[error("the password is empty")]
    Empty,
    /// Nobody types this.
    #[error("the password is longer than {LONGEST} bytes")]
    Long,
    /// The system has no randomness to give.
    #[error("the system gives no random bytes")]
    Random,
    /// There is no memory for a hash.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
}

/// Hashes a password, with a salt of its own.
///
/// # Errors
/// When it cannot be one, or there is no randomness or memory.
pub fn hash(password: &str) -> Result<PasswordHash, PasswordError> {
    if password.is_empty() {
        return Err(PasswordError::Empty);
    }
    if password.len() > LONGEST {
        return Err(PasswordError::Long);
    }
    let mut salt = [0_u8; SALT];
    getrandom::fill(&mut salt).map_err(|_| PasswordError::Random)?;
    let failed = |error: &dyn std::fmt::Display| PasswordError::Hash(error.to_string());
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(|error| failed(&error))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: Phc = argon2
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| failed(&error))?;
    Ok(PasswordHash(hash.to_string()))
}

/// Whether this is the password of that hash. It takes as long where there is no hash to compare
/// with, so that the time does not tell which users there are.
pub fn verify(password: &str, hash: Option<&PasswordHash>) -> bool {
    if password.is_empty() || password.len() > LONGEST {
        return false;
    }
    // How it was hashed is part of the hash. A user of a provider has none either.
    let Some(Ok(hash)) = hash.map(|hash| Phc::new(&hash.0)) else {
        let _ = self::hash(password);
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_alone() {
        let one = hash("correct horse").unwrap();
        assert!(
            one.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            one.0
        );
        assert!(verify("correct horse", Some(&one)));
        for wrong in ["correct hors", "correct horse ", "", "Correct horse"] {
            assert!(!verify(wrong, Some(&one)), "{wrong:?}");
        }
        assert!(!verify("correct horse", None));
        assert!(!verify("x", Some(&PasswordHash("x".to_owned()))));
        assert_ne!(hash("correct horse").unwrap(), one, "salted");
        assert!(hash("").is_err() && hash(&"x".repeat(LONGEST + 1)).is_err());
    }
}
