//! Variables that the processes of a session share.

use std::collections::BTreeMap;

use serde_json::Value;

/// Variables of a session at most.
pub const MAX_VARS: usize = 256;

/// Characters of a name at most.
pub const MAX_NAME: usize = 64;

/// Bytes of all values of a session at most, as JSON, and of their names.
pub const MAX_BYTES: usize = 256 * 1024;

/// Why a variable is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VarError {
    /// The name is none.
    #[error("a name has 1 to {MAX_NAME} letters, digits and - _ .")]
    BadName,
    /// There would be more than there may be.
    #[error("a session has at most {MAX_VARS} variables of {MAX_BYTES} bytes in all")]
    Full,
}

/// The variables of one session.
#[derive(Debug, Default)]
pub struct Vars {
    values: BTreeMap<String, Value>,
    bytes: usize,
}

impl Vars {
    /// A variable's value; `null` if it is not set.
    ///
    /// # Errors
    /// When the name is none.
    pub fn get(&self, name: &str) -> Result<Value, VarError> {
        check(name)?;
        Ok(self.values.get(name).cloned().unwrap_or_default())
    }

    /// Sets a variable, or takes it away with `null`.
    ///
    /// # Errors
    /// When the name is none or there is no room; then nothing has changed.
    pub fn set(&mut self, name: &str, value: Value) -> Result<(), VarError> {
        check(name)?;
        let held = self.values.get(name).map_or(0, |old| cost(name, old));
        if value.is_null() {
            self.values.remove(name);
            self.bytes -= held;
            return Ok(());
        }
        let bytes = self.bytes - held + cost(name, &value);
        let count = self.values.len() + usize::from(held == 0);
        if count > MAX_VARS || bytes > MAX_BYTES {
            return Err(VarError::Full);
        }
        self.values.insert(name.to_owned(), value);
        self.bytes = bytes;
        Ok(())
    }

    /// The names of those that are set, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

fn check(name: &str) -> Result<(), VarError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let valid = (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(plain);
    valid.then_some(()).ok_or(VarError::BadName)
}

fn cost(name: &str, value: &Value) -> usize {
    name.len() + value.to_string().len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn there_is_room_for_so_many_and_no_more() {
        let mut vars = Vars::default();
        for number in 0..MAX_VARS {
            assert_eq!(vars.set(&format!("v{number}"), json!(number)), Ok(()));
        }
        assert_eq!(vars.set("one.more", json!(1)), Err(VarError::Full));
        assert_eq!(vars.set("v0", json!("another")), Ok(()));
        assert_eq!(vars.set("v1", Value::Null), Ok(()));
        assert_eq!(vars.get("v1"), Ok(Value::Null));
        assert_eq!(vars.set("one.more", json!(1)), Ok(()));
        let large = json!("x".repeat(MAX_BYTES));
        assert_eq!(vars.set("v0", large), Err(VarError::Full));
        assert_eq!(vars.get("v0"), Ok(json!("another")));
        for bad in ["", "a b", "ä", &"x".repeat(MAX_NAME + 1)] {
            assert_eq!(vars.get(bad), Err(VarError::BadName));
        }
    }

    proptest! {
        #[test]
        fn what_is_counted_is_what_is_held(steps in prop::collection::vec((0..8_u8, "[a-z]{0,9}"), 0..50)) {
            let mut vars = Vars::default();
            for (name, text) in steps {
                let value = if text.is_empty() { Value::Null } else { json!(text) };
                let set = vars.set(&format!("n{name}"), value);
                prop_assert!(set.is_ok());
                let held: usize = vars.values.iter().map(|(name, value)| cost(name, value)).sum();
                prop_assert_eq!(vars.bytes, held);
            }
        }
    }
}
