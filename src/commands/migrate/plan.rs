//! An awp command line that is put together, and what is to be said about it.

use std::net::IpAddr;

use super::arguments::Given;

/// What cannot be read: the argument, and why.
pub(super) type Unreadable = (String, String);

/// The command line so far.
pub(super) struct Plan {
    /// Its words, quoted for a shell.
    pub(super) words: Vec<String>,
    /// What it does not do as the other program did, a line each.
    pub(super) notes: Vec<String>,
    /// It speaks TLS.
    tls: bool,
}

impl Plan {
    pub(super) fn new() -> Self {
        Self {
            words: vec!["awp".to_owned()],
            notes: Vec::new(),
            tls: false,
        }
    }

    /// Adds an option without a value.
    pub(super) fn flag(&mut self, name: &str) {
        if !self.words.iter().any(|word| word == name) {
            self.words.push(name.to_owned());
        }
    }

    /// Adds an option and its value.
    pub(super) fn option(&mut self, name: &str, value: &str) {
        self.words.push(name.to_owned());
        self.words.push(quoted(value));
    }

    /// Hands a variable of the shell on that reads the line: its value is not ours to show.
    pub(super) fn pass(&mut self, variable: &str) {
        self.words.push("--env".to_owned());
        self.words.push(format!("{variable}=\"${variable}\""));
    }

    /// Says what is different about an argument. The value that came with it is not repeated: it
    /// may be a secret.
    pub(super) fn note(&mut self, argument: &str, why: &str) {
        self.notes.push(format!("{argument}: {why}"));
    }

    /// Listens at this address, as openly as the other program did. True if other machines reach
    /// it.
    pub(super) fn listen(&mut self, host: &str, port: u16) -> bool {
        let address = host.parse::<IpAddr>();
        let place = match address {
            Ok(IpAddr::V6(address)) => format!("[{address}]:{port}"),
            _ => format!("{host}:{port}"),
        };
        self.option("--listen", &place);
        let local = address.map_or(host == "localhost", |address| address.is_loopback());
        if !local && !self.tls {
            self.flag("--insecure-http");
        }
        !local
    }

    /// Speaks TLS where the other program did, which takes all three options: that it is to, its
    /// certificate and its key.
    pub(super) fn speak_tls(&mut self, given: &[Given], [switch, cert, key]: [&str; 3]) {
        let last = |name: &str| given.iter().rev().find(|it| it.name == name);
        if let (Some(_), Some(cert), Some(key)) = (last(switch), last(cert), last(key)) {
            self.tls = true;
            self.option("--tls-cert", &cert.value);
            self.option("--tls-key", &key.value);
            return;
        }
        for name in [switch, cert, key] {
            if last(name).is_some() {
                let why = format!("left out: TLS takes --{switch}, --{cert} and --{key}");
                self.note(&format!("--{name}"), &why);
            }
        }
    }

    /// What is to be said where other machines reach it.
    pub(super) fn note_exposed(&mut self) {
        if self.tls {
            return;
        }
        self.note(
            "--insecure-http",
            "other machines reach it without encryption, as before; leave this and --listen out to \
             serve this machine alone",
        );
    }

    /// Ends with what is run.
    pub(super) fn command(&mut self, command: &[String]) {
        self.words.push("--".to_owned());
        self.words.extend(command.iter().map(|word| quoted(word)));
    }
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_read_it_otherwise() {
        for (word, expected) in [
            ("a-b_c.d/e:f=g", "a-b_c.d/e:f=g"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$(rm)", "'$(rm)'"),
            ("it's", r"'it'\''s'"),
            ("[::]:80", "'[::]:80'"),
            ("~", "'~'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
