//! What programs say to people and to the log: held against what it may be before it goes on.

use tracing::{debug, error, info, warn};

use super::handle::SessionHandle;
use crate::control::error::{Code, RpcError};
use crate::control::protocol::{Copy, Level, Notify, Open, Progress, Title};
use crate::model::file_path::clean;
use crate::model::id::ProcessId;
use crate::model::notice::{MAX_NOTICE, Notice};

/// Bytes of a title: what fits beside others, with room for letters of four bytes.
const MAX_TITLE: usize = 256;

/// Bytes of a text for people or for the log: a screenful.
const MAX_TEXT: usize = 4 * 1024;

/// Bytes of a link, as browsers and servers take them.
const MAX_LINK: usize = 8 * 1024;

/// What a link may begin with: what a browser opens without running or reading anything here.
const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// A text of at most so many bytes, its control characters replaced by blanks.
fn plain(what: &str, text: &str, most: usize, lines: bool) -> Result<String, RpcError> {
    if text.len() > most {
        let why = format!("{what} has at most {most} bytes");
        return Err(RpcError::new(Code::Quota, why));
    }
    let shown = |c: char| match c {
        '\n' if lines => c,
        c if c.is_control() => ' ',
        c => c,
    };
    Ok(text.chars().map(shown).collect())
}

pub(super) fn title(title: &Title) -> Result<Notice, RpcError> {
    let text = plain("a title", title.text.trim(), MAX_TITLE, false)?;
    if text.trim().is_empty() {
        return Err(RpcError::new(Code::Params, "a title is not empty"));
    }
    Ok(Notice::Title { text })
}

pub(super) fn notify(notify: Notify) -> Result<Notice, RpcError> {
    let title = notify.title;
    let title = title.map(|title| plain("a heading", &title, MAX_TITLE, false));
    Ok(Notice::Notify {
        title: title.transpose()?,
        text: plain("a text", &notify.text, MAX_TEXT, true)?,
    })
}

pub(super) fn progress(progress: &Progress) -> Result<Notice, RpcError> {
    if progress.value.is_some_and(|value| value > 100) {
        return Err(RpcError::new(Code::Params, "a value is 0 to 100"));
    }
    Ok(Notice::Progress {
        value: progress.value,
        text: plain("a text", &progress.text, MAX_TITLE, false)?,
    })
}

pub(super) fn link(open: Open) -> Result<Notice, RpcError> {
    let url = open.url;
    let known = |scheme: &&str| {
        let start = url.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme)) && url.len() > scheme.len()
    };
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if !SCHEMES.iter().any(known) || url.contains(odd) {
        let why = "a link begins with http://, https:// or mailto:, and has no blanks";
        return Err(RpcError::new(Code::Params, why));
    }
    if url.len() > MAX_LINK {
        let why = format!("a link has at most {MAX_LINK} bytes");
        return Err(RpcError::new(Code::Quota, why));
    }
    Ok(Notice::Open { url })
}

pub(super) fn clip(copy: Copy) -> Result<Notice, RpcError> {
    if copy.text.is_empty() {
        return Err(RpcError::new(Code::Params, "the text is empty"));
    }
    if copy.text.len() > MAX_NOTICE {
        let why = format!("a text for the clipboard has at most {MAX_NOTICE} bytes");
        return Err(RpcError::new(Code::Quota, why));
    }
    Ok(Notice::Clip { text: copy.text })
}

/// A question to a person.
pub(super) fn question(text: &str) -> Result<String, RpcError> {
    let text = self::text(text)?;
    if text.trim().is_empty() {
        return Err(RpcError::new(Code::Params, "a question is not empty"));
    }
    Ok(text)
}

/// A text for people.
pub(super) fn text(text: &str) -> Result<String, RpcError> {
    plain("a text", text, MAX_TEXT, true)
}

/// The kinds of files that are wanted.
pub(super) fn accept(text: &str) -> Result<String, RpcError> {
    plain("accept", text, MAX_TITLE, false)
}

/// The name of a file, as it is shown.
pub(super) fn name(text: &str) -> String {
    clean(text)
}

/// A line for the log, as it may be written.
pub(super) fn line(text: &str) -> Result<String, RpcError> {
    plain("a line", text, MAX_TEXT, false)
}

/// Writes a line to the server's log, with where it comes from.
pub(super) fn log(session: &SessionHandle, process: ProcessId, level: Level, text: &str) {
    let (session, process) = (session.id(), process.0);
    match level {
        Level::Debug => debug!(target: "program", %session, process, text),
        Level::Info => info!(target: "program", %session, process, text),
        Level::Warn => warn!(target: "program", %session, process, text),
        Level::Error => error!(target: "program", %session, process, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_one_that_a_browser_may_open() {
        let link = |url: &str| {
            link(Open {
                url: url.to_owned(),
            })
            .is_ok()
        };
        for good in ["https://example.org/a?b#c", "HTTP://[::1]:80", "mailto:a@b"] {
            assert!(link(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:,x",
            " https://a",
            "https://a\nb",
            "//a",
            "https://a b",
        ] {
            assert!(!link(bad), "{bad}");
        }
    }

    #[test]
    fn control_characters_do_not_get_through() {
        let said = notify(Notify {
            title: Some("a\x1b]0;b".into()),
            text: "x\n\x07y".into(),
        });
        let expected = Notice::Notify {
            title: Some("a ]0;b".into()),
            text: "x\n y".into(),
        };
        assert_eq!(said, Ok(expected));
        assert_eq!(line("a\nb\x7f"), Ok("a b ".to_owned()));
        assert!(line(&"x".repeat(MAX_TEXT + 1)).is_err());
        assert!(title(&Title { text: " \n".into() }).is_err());
    }
}
