//! The verbs by which a program asks the person who looks at its session.

use std::fs::File;
use std::io::{BufReader, Write as _, stdout};
use std::path::Path;

use anyhow::Context as _;
use awp_server::control::client::{CallError, call};
use awp_server::control::error::Code;
use serde_json::{Value, json};

use super::{FAILED, tty};
use crate::cli::inside::{Download, Question, Upload};

/// `awp askpass`. What it prints is the answer and nothing else: that is what `ssh`, `git` and `sudo`
/// want of such a program.
///
/// # Errors
/// When nobody can be asked.
pub fn askpass(typed: &Question) -> anyhow::Result<u8> {
    let text = typed.text.join(" ");
    if std::env::var_os("SSH_ASKPASS_PROMPT").is_some_and(|kind| kind == "confirm") {
        return confirm(typed);
    }
    let shown = is_no_secret(&text);
    let params = json!({"text": text, "shown": shown, "wait": seconds(typed)});
    let answer = match asked("ask.secret", params) {
        Ok(replied) => replied["text"].as_str().map(str::to_owned),
        Err(error) if is_nobody(&error) => on_terminal(&text, shown).map_err(|_| error)?,
        Err(error) => return Err(error.into()),
    };
    let Some(answer) = answer else {
        return Ok(FAILED);
    };
    let mut out = stdout();
    writeln!(out, "{answer}").and_then(|()| out.flush())?;
    Ok(0)
}

/// `awp confirm`.
///
/// # Errors
/// When nobody can be asked.
pub fn confirm(typed: &Question) -> anyhow::Result<u8> {
    let text = typed.text.join(" ");
    let params = json!({"text": text, "wait": seconds(typed)});
    let yes = match asked("ask.confirm", params) {
        Ok(replied) => replied["action"] == "accept",
        Err(error) if is_nobody(&error) => {
            let typed = on_terminal(&format!("{text} [y/N]"), true).map_err(|_| error)?;
            typed.is_some_and(|typed| matches!(typed.trim(), "y" | "Y" | "yes"))
        }
        Err(error) => return Err(error.into()),
    };
    Ok(if yes { 0 } else { FAILED })
}

/// `awp upload`.
///
/// # Errors
/// When nobody can be asked.
pub fn upload(typed: &Upload) -> anyhow::Result<u8> {
    let wait = typed.wait.map(|wait| wait.as_secs());
    let path = typed.to.as_deref().map(target).transpose()?;
    let params = json!({
        "text": typed.text,
        "accept": typed.accept,
        "path": path,
        "overwrite": typed.overwrite,
        "wait": wait,
    });
    let given = asked("file.upload", params)?;
    match given["path"].as_str() {
        Some(path) => {
            writeln!(stdout(), "{path}")?;
            Ok(0)
        }
        None => Ok(FAILED),
    }
}

/// The path as the server reads it: absolute, a folder with `/` at its end.
fn target(path: &Path) -> anyhow::Result<String> {
    let named = || path.display().to_string();
    let canonical = |folder: &Path| folder.canonicalize().with_context(named);
    let is_folder = path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let whole = if is_folder {
        canonical(path)?.join("")
    } else {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let name = path.file_name().with_context(named)?;
        canonical(parent.unwrap_or(Path::new(".")))?.join(name)
    };
    let whole = whole.to_str().context("the path is not UTF-8")?;
    Ok(whole.to_owned())
}

/// `awp download`.
///
/// # Errors
/// When there is no such file, or nobody to offer it to.
pub fn download(typed: &Download) -> anyhow::Result<u8> {
    let file = &typed.file;
    let path = file.canonicalize();
    let path = path.with_context(|| file.display().to_string())?;
    let path = path.to_str().context("the path is not UTF-8")?;
    asked("file.download", json!({"path": path}))?;
    Ok(0)
}

/// Whether whoever asks wants a name, or yes typed in full, and no secret: these are the words of
/// `git` and `ssh`.
fn is_no_secret(text: &str) -> bool {
    text.starts_with("Username") || text.contains("(yes/no")
}

fn seconds(typed: &Question) -> Option<u64> {
    typed.wait.map(|wait| wait.as_secs())
}

/// There is nobody whose page could ask, or no session.
fn is_nobody(error: &CallError) -> bool {
    match error {
        CallError::NoSession(_) => true,
        CallError::Refused(error) => error.code == Code::NoClient.number(),
    }
}

/// Whoever looks at the terminal alone is asked there.
fn on_terminal(question: &str, shown: bool) -> anyhow::Result<Option<String>> {
    let terminal = File::options().read(true).write(true).open("/dev/tty")?;
    let question = format!("{} ", question.trim_end());
    let input = BufReader::new(&terminal);
    tty::ask(&terminal, input, &terminal, (&question, shown))
}

fn asked(method: &str, mut params: Value) -> Result<Value, CallError> {
    if let Some(params) = params.as_object_mut() {
        params.retain(|_, value| !value.is_null());
    }
    call(method, &params)
}
