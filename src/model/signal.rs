//! Signals by name and by number. A number is a machine's own business: between machines a signal
//! goes by its name.

/// Name without `SIG`, as the manual spells it; number on Linux; number on BSD and macOS.
const SIGNALS: [(&str, i32, i32); 19] = [
    ("HUP", 1, 1),
    ("INT", 2, 2),
    ("QUIT", 3, 3),
    ("ILL", 4, 4),
    ("TRAP", 5, 5),
    ("ABRT", 6, 6),
    ("BUS", 7, 10),
    ("FPE", 8, 8),
    ("KILL", 9, 9),
    ("USR1", 10, 30),
    ("SEGV", 11, 11),
    ("USR2", 12, 31),
    ("PIPE", 13, 13),
    ("ALRM", 14, 14),
    ("TERM", 15, 15),
    ("CONT", 18, 19),
    ("STOP", 19, 17),
    ("TSTP", 20, 18),
    ("WINCH", 28, 28),
];

/// Other names of signals, and the manual's.
const ALIASES: [(&str, &str); 2] = [("ABORT", "ABRT"), ("ALARM", "ALRM")];

const fn here(signal: &(&'static str, i32, i32)) -> i32 {
    if cfg!(any(target_os = "linux", target_os = "android")) {
        signal.1
    } else {
        signal.2
    }
}

/// The number that a signal has on this machine, by its name with or without `SIG`, in either
/// case.
pub fn number(name: &str) -> Option<i32> {
    let upper = name.to_ascii_uppercase();
    let short = upper.strip_prefix("SIG").unwrap_or(&upper);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == short);
    let short = alias.map_or(short, |(_, name)| name);
    let known = SIGNALS.iter().find(|(known, ..)| *known == short);
    known.map(here)
}

/// The name of a signal, without `SIG`; its number where it has none.
pub fn name(number: i32) -> String {
    let known = SIGNALS.iter().find(|signal| here(signal) == number);
    known.map_or_else(|| number.to_string(), |(name, ..)| (*name).to_owned())
}

/// Every name that a signal may be sent by, as the manual spells it.
pub fn names() -> impl Iterator<Item = &'static str> {
    SIGNALS.iter().map(|(name, ..)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_belong_together() {
        for known in names() {
            let number = number(known).expect("it is in the table");
            assert_eq!(name(number), known);
            assert_eq!(super::number(&format!("sig{known}")), Some(number));
        }
        for (alias, name) in ALIASES {
            assert!(number(alias).is_some() && number(alias) == number(name));
        }
        assert_eq!(
            (number("NOSUCH"), number(""), number("9")),
            (None, None, None)
        );
        assert_eq!(name(64), "64");
    }
}
