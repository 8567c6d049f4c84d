//! How a process ended, as an exit status of this one.

use crate::model::process::ExitStatus;
use crate::model::signal;

/// What a shell adds to a signal's number.
const SIGNALLED: u8 = 128;

/// The status to pass on: the process's own, or 128 and the signal's number, as shells do.
pub fn of(exit: &ExitStatus) -> u8 {
    match exit {
        ExitStatus::Code(code) => *code,
        ExitStatus::Signal(name) => {
            // A signal without a name is told by its number.
            let number = signal::number(name).or_else(|| name.parse().ok());
            of_signal(number.unwrap_or_default())
        }
    }
}

/// The status of a process that this signal ended.
pub fn of_signal(number: i32) -> u8 {
    SIGNALLED.saturating_add(u8::try_from(number).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_passed_on_as_shells_do() {
        let signal = |name: &str| of(&ExitStatus::Signal(name.to_owned()));
        assert_eq!(of(&ExitStatus::Code(7)), 7);
        assert_eq!(signal("INT"), 130);
        assert_eq!(signal("KILL"), 137);
        assert_eq!(signal("34"), 162);
    }
}
