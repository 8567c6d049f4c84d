//! Signals by name, and whom they are sent to.

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process_group};

use crate::model::signal;

/// The signal of this name, with or without `SIG`, in either case.
pub fn by_name(name: &str) -> Option<Signal> {
    Signal::from_named_raw(signal::number(name)?)
}

/// The name of the signal with this number, without `SIG`, as the manual spells it.
pub fn name_of(number: i32) -> String {
    signal::name(number)
}

/// Whether a terminal's keys send this signal, so that it goes to whatever is in the foreground.
pub fn is_from_keys(signal: Signal) -> bool {
    [Signal::INT, Signal::QUIT, Signal::TSTP, Signal::WINCH].contains(&signal)
}

/// Signals a whole process group. A group that is gone needs no signal.
pub fn send_to_group(group: Pid, signal: Signal) {
    let _ = kill_process_group(group, signal);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_this_machines_numbers() {
        for (name, signal) in [
            ("HUP", Signal::HUP),
            ("INT", Signal::INT),
            ("QUIT", Signal::QUIT),
            ("ILL", Signal::ILL),
            ("TRAP", Signal::TRAP),
            ("ABRT", Signal::ABORT),
            ("BUS", Signal::BUS),
            ("FPE", Signal::FPE),
            ("KILL", Signal::KILL),
            ("USR1", Signal::USR1),
            ("SEGV", Signal::SEGV),
            ("USR2", Signal::USR2),
            ("PIPE", Signal::PIPE),
            ("ALRM", Signal::ALARM),
            ("TERM", Signal::TERM),
            ("CONT", Signal::CONT),
            ("STOP", Signal::STOP),
            ("TSTP", Signal::TSTP),
            ("WINCH", Signal::WINCH),
        ] {
            assert_eq!(by_name(name), Some(signal), "{name}");
            assert_eq!(name_of(signal.as_raw()), name);
        }
        assert!(signal::names().all(|name| by_name(name).is_some()));
        assert_eq!(by_name("NOSUCH"), None);
    }
}
