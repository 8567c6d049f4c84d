//! How a process ended, as an exit status of this one.

use crate::model::process::ExitStatus;
/// The status to pass on: the process's own, or 128 and the signal's number, as shells do.
pub fn of(exit: &ExitStatus) -> u8 {
    exit.as_shell()
}

/// The status of a process that this signal ended.
pub fn of_signal(number: i32) -> u8 {
    ExitStatus::of_signal(number)
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
