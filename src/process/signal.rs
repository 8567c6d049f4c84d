//! Signals by name, and whom they are sent to.

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process_group};

/// The signals that clients may send, by the name without `SIG`.
const SIGNALS: [(&str, Signal); 19] = [
    ("HUP", Signal::HUP),
    ("INT", Signal::INT),
    ("QUIT", Signal::QUIT),
    ("ILL", Signal::ILL),
    ("TRAP", Signal::TRAP),
    ("ABORT", Signal::ABORT),
    ("BUS", Signal::BUS),
    ("FPE", Signal::FPE),
    ("KILL", Signal::KILL),
    ("USR1", Signal::USR1),
    ("SEGV", Signal::SEGV),
    ("USR2", Signal::USR2),
    ("PIPE", Signal::PIPE),
    ("ALARM", Signal::ALARM),
    ("TERM", Signal::TERM),
    ("CONT", Signal::CONT),
    ("STOP", Signal::STOP),
    ("TSTP", Signal::TSTP),
    ("WINCH", Signal::WINCH),
];

/// Names that the signals also go by, as the manual spells them.
const ALIASES: [(&str, Signal); 2] = [("ABRT", Signal::ABORT), ("ALRM", Signal::ALARM)];

/// The signal of this name, with or without `SIG`, in either case.
pub fn by_name(name: &str) -> Option<Signal> {
    let upper = name.to_ascii_uppercase();
    let short = upper.strip_prefix("SIG").unwrap_or(&upper);
    ALIASES
        .iter()
        .chain(&SIGNALS)
        .find(|(known, _)| *known == short)
        .map(|(_, signal)| *signal)
}

/// The name of the signal with this number, without `SIG`, as the manual spells it.
pub fn name_of(number: i32) -> String {
    let known = ALIASES
        .iter()
        .chain(&SIGNALS)
        .find(|(_, signal)| signal.as_raw() == number);
    known.map_or_else(|| number.to_string(), |(name, _)| (*name).to_owned())
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
    fn names_and_numbers_belong_together() {
        for (name, signal) in ALIASES.iter().chain(&SIGNALS) {
            assert_eq!(by_name(name), Some(*signal));
            assert_eq!(by_name(&name_of(signal.as_raw())), Some(*signal));
        }
        assert_eq!(by_name("sigint"), Some(Signal::INT));
        assert_eq!(name_of(6), "ABRT");
        assert_eq!(by_name("NOSUCH"), None);
    }
}
