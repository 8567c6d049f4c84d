//! The names that sessions may have.

use super::catalog::CreateError;

/// The longest name of a session, in characters.
pub const MAX_NAME: usize = 64;

/// Holds a name against what names are.
///
/// # Errors
/// When it cannot be one.
pub fn check_name(name: &str) -> Result<&str, CreateError> {
    let plain = |character: char| character.is_alphanumeric() || "-_.".contains(character);
    let length = name.chars().count();
    let valid =
        (1..=MAX_NAME).contains(&length) && name.chars().all(plain) && !name.starts_with("s-");
    if valid {
        Ok(name)
    } else {
        Err(CreateError::BadName)
    }
}
