//! Another program's arguments, read as it reads them: up to the first that is no option.

use std::str::FromStr;

use super::plan::Unreadable;

/// An option of another program.
pub(super) struct Flag {
    /// Its letter, where it has one.
    pub(super) letter: Option<char>,
    /// Its name.
    pub(super) name: &'static str,
    /// Whether a value follows.
    pub(super) valued: bool,
}

/// An option that was given.
pub(super) struct Given {
    /// Its name.
    pub(super) name: &'static str,
    /// Its value; empty where it takes none.
    pub(super) value: String,
}

/// How a program writes its options.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As `getopt_long` of the C library: `-p 1`, `-p1`, `-Wp1`, `--port 1`, `--port=1`.
    Getopt,
    /// As the package `flag` of Go: `-port 1`, `--port=1`, `--binary=false`.
    Go,
}

/// What Go takes for a switch that is off.
const OFF: [&str; 6] = ["0", "f", "F", "false", "False", "FALSE"];

/// Reads options until something is none; the rest is the command.
pub(super) fn read<'a>(
    style: Style,
    flags: &'static [Flag],
    arguments: &'a [String],
) -> Result<(Vec<Given>, &'a [String]), Unreadable> {
    let mut given = Vec::new();
    let mut rest = arguments;
    while let Some((argument, behind)) = rest.split_first() {
        if argument == "--" {
            rest = behind;
            break;
        }
        let Some(text) = argument.strip_prefix('-').filter(|text| !text.is_empty()) else {
            break;
        };
        rest = behind;
        match (style, text.strip_prefix('-')) {
            (Style::Getopt, None) => cluster(flags, text, &mut rest, &mut given)?,
            (_, name) => {
                let name = name.unwrap_or(text);
                given.extend(named(flags, name, &mut rest)?);
            }
        }
    }
    Ok((given, rest))
}

/// An option by its name, unless it is a switch that is off.
fn named(
    flags: &'static [Flag],
    text: &str,
    rest: &mut &[String],
) -> Result<Option<Given>, Unreadable> {
    let (name, attached) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let flag = flags.iter().find(|flag| flag.name == name);
    let flag = flag.ok_or_else(|| unknown(&format!("--{name}")))?;
    if !flag.valued {
        let off = attached.is_some_and(|value| OFF.contains(&value));
        let value = String::new();
        let name = flag.name;
        return Ok((!off).then_some(Given { name, value }));
    }
    let value = match attached {
        Some(value) => value.to_owned(),
        None => next(flag, rest)?,
    };
    let name = flag.name;
    Ok(Some(Given { name, value }))
}

/// Letters in one argument; the first that takes a value takes the rest.
fn cluster(
    flags: &'static [Flag],
    letters: &str,
    rest: &mut &[String],
    given: &mut Vec<Given>,
) -> Result<(), Unreadable> {
    let mut letters = letters.chars();
    while let Some(letter) = letters.next() {
        let flag = flags.iter().find(|flag| flag.letter == Some(letter));
        let flag = flag.ok_or_else(|| unknown(&format!("-{letter}")))?;
        let name = flag.name;
        if !flag.valued {
            let value = String::new();
            given.push(Given { name, value });
            continue;
        }
        let attached = letters.as_str();
        let value = if attached.is_empty() {
            next(flag, rest)?
        } else {
            attached.to_owned()
        };
        given.push(Given { name, value });
        break;
    }
    Ok(())
}

fn next(flag: &Flag, rest: &mut &[String]) -> Result<String, Unreadable> {
    let (value, behind) = rest.split_first().ok_or_else(|| {
        (
            format!("--{}", flag.name),
            "its value is missing".to_owned(),
        )
    })?;
    *rest = behind;
    Ok(value.clone())
}

fn unknown(written: &str) -> Unreadable {
    (written.to_owned(), "there is no such option".to_owned())
}

/// Reads a value as what it is to be.
pub(super) fn value<T: FromStr>(given: &Given) -> Result<T, Unreadable> {
    let wrong = |_| {
        let why = "its value cannot be read".to_owned();
        (format!("--{}", given.name), why)
    };
    given.value.parse().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    static FLAGS: [Flag; 2] = [
        Flag {
            letter: Some('p'),
            name: "port",
            valued: true,
        },
        Flag {
            letter: Some('W'),
            name: "writable",
            valued: false,
        },
    ];

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn every_way_of_writing_an_option_is_read() {
        for (style, line) in [
            (Style::Getopt, "-p 80 -W sh -W"),
            (Style::Getopt, "-Wp80 sh -W"),
            (Style::Getopt, "-Wp 80 -- sh -W"),
            (Style::Getopt, "--port=80 --writable sh -W"),
            (Style::Getopt, "--port 80 --writable sh -W"),
            (Style::Go, "-port 80 -writable sh -W"),
            (Style::Go, "--port=80 --writable=true -- sh -W"),
        ] {
            let line = words(line);
            let (given, command) = read(style, &FLAGS, &line).expect("it is read");
            let mut found: Vec<_> = given.iter().map(|it| (it.name, &*it.value)).collect();
            found.sort_unstable();
            assert_eq!(found, [("port", "80"), ("writable", "")], "{line:?}");
            assert_eq!(command, ["sh", "-W"], "{line:?}");
        }
        let off = words("-writable=false x");
        assert!(read(Style::Go, &FLAGS, &off).expect("read").0.is_empty());
    }

    #[test]
    fn what_is_no_option_is_named() {
        for (style, line, what) in [
            (Style::Getopt, "-x", "-x"),
            (Style::Getopt, "-Wx", "-x"),
            (Style::Getopt, "--no", "--no"),
            (Style::Getopt, "-p", "--port"),
            (Style::Go, "-p 80", "--p"),
        ] {
            let line = words(line);
            let refused = read(style, &FLAGS, &line).err().expect("it is refused");
            assert_eq!(refused.0, what, "{line:?}");
        }
    }
}
