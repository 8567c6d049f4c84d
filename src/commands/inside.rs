//! The verbs for programs inside a session: one call over the control socket each.

use std::io::{Read as _, Write as _, stdin, stdout};
use std::path::Path;

use anyhow::Context as _;
use awp_server::control::client::{CallError, call};
use awp_server::control::error::Code;
use serde_json::{Map, Value, json};

use super::FAILED;
use crate::cli::inside::{Clip, Level, Log, Notify, Proc, Progress, Session, Text, Var};

/// The exit status where the parameters are wrong.
const USAGE: u8 = 2;
/// The exit status where there is no session.
const NO_SESSION: u8 = 3;
/// The exit status where the server does not allow it.
const NOT_ALLOWED: u8 = 5;

/// The most that is read of stdin, in bytes: what a line of the protocol takes.
const MAX_STDIN: u64 = awp_server::control::MAX_LINE as u64;

/// The exit status of a call that came to nothing.
pub fn exit_status(error: &CallError) -> u8 {
    let is = |error: &awp_server::control::error::RpcError, code: Code| error.code == code.number();
    match error {
        CallError::NoSession(_) => NO_SESSION,
        CallError::Refused(error) if is(error, Code::NotAllowed) => NOT_ALLOWED,
        CallError::Refused(error) if is(error, Code::Params) => USAGE,
        CallError::Refused(_) => FAILED,
    }
}

/// `awp session`.
///
/// # Errors
/// When the call comes to nothing.
pub fn session(typed: &Session) -> anyhow::Result<u8> {
    match typed {
        Session::Info { field } => {
            let info = ask("session.info", json!({}))?;
            match field {
                None => print(&info.to_string()),
                Some(field) => {
                    let found = info.get(field);
                    let found = found.with_context(|| format!("there is no {field} here"))?;
                    print(&plain(found))
                }
            }
        }
        Session::Validate { token_stdin } => {
            let params = match token_stdin {
                true => json!({"token": read_stdin()?.trim()}),
                false => json!({}),
            };
            let validity = ask("session.validate", params)?;
            print(&validity.to_string())?;
            Ok(if validity["active"] == true {
                0
            } else {
                FAILED
            })
        }
        Session::Token => print(&plain(&ask("session.token", json!({}))?["token"])),
        Session::Statement => print(&plain(&ask("session.statement", json!({}))?["statement"])),
        Session::Reauth { acr, max_age } => {
            let max_age = max_age.map(|time| time.as_secs());
            let params = json!({"acr": acr, "max_age": max_age});
            let accepted = ask("session.reauth", params)?["action"] == "accept";
            Ok(if accepted { 0 } else { FAILED })
        }
        Session::Logout => done("session.logout", json!({})),
        Session::Grant {
            subject,
            name,
            claims,
            acr,
            ttl,
        } => {
            let claims: Map<String, Value> = match claims {
                Some(claims) => serde_json::from_str(claims).context("--claims")?,
                None => Map::new(),
            };
            let info = ask("session.info", json!({}))?;
            let params = json!({
                "subject": subject,
                "name": name,
                "claims": claims,
                "acr": acr,
                "ttl": ttl.map(|ttl| ttl.as_secs()),
                // No other process has one; the server says so itself.
                "nonce": info["nonce"].as_str().unwrap_or_default(),
            });
            done("session.grant", params)
        }
        Session::Passwd => super::passwd::run(),
        Session::Deny {
            reason,
            message,
            retry,
        } => {
            let params = json!({"reason": reason, "message": message, "retry": retry});
            done("session.deny", params)
        }
    }
}

/// `awp var`.
///
/// # Errors
/// When the call comes to nothing.
pub fn var(typed: &Var) -> anyhow::Result<u8> {
    match typed {
        Var::Get { name } => match &ask("var.get", json!({"name": name}))?["value"] {
            Value::Null => Ok(FAILED),
            value => print(&plain(value)),
        },
        Var::Set { name, value, json } => {
            let text = match value.as_str() {
                "-" => read_stdin()?,
                value => value.to_owned(),
            };
            let value = match json {
                true => serde_json::from_str(&text).context("--json")?,
                false => Value::String(text),
            };
            done("var.set", json!({"name": name, "value": value}))
        }
        Var::Unset { name } => done("var.set", json!({"name": name, "value": null})),
        Var::List => {
            let listed = ask("var.list", json!({}))?;
            let names = listed["names"].as_array().into_iter().flatten();
            for name in names {
                print(&plain(name))?;
            }
            Ok(0)
        }
    }
}

/// `awp proc`.
///
/// # Errors
/// When the call comes to nothing.
pub fn proc(typed: &Proc) -> anyhow::Result<u8> {
    match typed {
        Proc::Spawn {
            mode,
            cwd,
            env,
            command,
        } => {
            let command: Vec<&str> = command
                .iter()
                .map(|argument| utf8(argument))
                .collect::<anyhow::Result<_>>()?;
            let here = std::env::current_dir().context("the working directory")?;
            let cwd = here.join(cwd.as_deref().unwrap_or(Path::new("")));
            let env: Map<String, Value> = env
                .iter()
                .map(|variable| (variable.name.clone(), variable.value.clone().into()))
                .collect();
            let params = json!({
                "command": command,
                "mode": mode,
                "cwd": utf8(cwd.as_os_str())?,
                "env": env,
            });
            print(&plain(&ask("proc.spawn", params)?["process"]))
        }
        Proc::List { json } => {
            let listed = ask("proc.list", json!({}))?;
            let all = &listed["processes"];
            if *json {
                return print(&all.to_string());
            }
            for process in all.as_array().into_iter().flatten() {
                let state = match process.get("exit") {
                    None => "running".to_owned(),
                    Some(exit) => exit.to_string(),
                };
                let [number, mode, title] = ["process", "mode", "title"].map(|key| &process[key]);
                let (number, mode, title) = (plain(number), plain(mode), plain(title));
                print(&format!("{number}\t{mode}\t{state}\t{title}"))?;
            }
            Ok(0)
        }
        Proc::Signal { process, signal } => {
            let name = signal.strip_prefix("SIG").unwrap_or(signal);
            done("proc.signal", json!({"process": process, "signal": name}))
        }
    }
}

/// `awp notify`.
///
/// # Errors
/// When the call comes to nothing.
pub fn notify(typed: &Notify) -> anyhow::Result<u8> {
    done("notify", json!({"text": typed.text, "title": typed.title}))
}

/// `awp progress`.
///
/// # Errors
/// When the call comes to nothing.
pub fn progress(typed: &Progress) -> anyhow::Result<u8> {
    done(
        "progress",
        json!({"value": typed.value, "text": typed.text}),
    )
}

/// `awp log`.
///
/// # Errors
/// When the call comes to nothing.
pub fn log(typed: &Log) -> anyhow::Result<u8> {
    done(
        "log",
        json!({"text": typed.text, "level": Level::name(typed.level)}),
    )
}

/// `awp title`.
///
/// # Errors
/// When the call comes to nothing.
pub fn title(typed: &Text) -> anyhow::Result<u8> {
    done("title", json!({"text": typed.text}))
}

/// `awp open`.
///
/// # Errors
/// When the call comes to nothing.
pub fn open(typed: &Text) -> anyhow::Result<u8> {
    done("open", json!({"url": typed.text}))
}

/// `awp clip`.
///
/// # Errors
/// When the call comes to nothing.
pub fn clip(typed: &Clip) -> anyhow::Result<u8> {
    let text = match &typed.text {
        Some(text) => text.clone(),
        None => read_stdin()?,
    };
    done("clip.copy", json!({"text": text}))
}

fn ask(method: &str, params: Value) -> Result<Value, CallError> {
    call(method, &without_nulls(params))
}

fn done(method: &str, params: Value) -> anyhow::Result<u8> {
    ask(method, params)?;
    Ok(0)
}

/// What was not said is left out, but for the value of a variable.
fn without_nulls(params: Value) -> Value {
    match params {
        Value::Object(map) => {
            let said = map.into_iter();
            Value::Object(
                said.filter(|(key, value)| key == "value" || !value.is_null())
                    .collect(),
            )
        }
        other => other,
    }
}

/// A text without quotes, anything else as JSON.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn print(line: &str) -> anyhow::Result<u8> {
    writeln!(stdout(), "{line}").context("stdout")?;
    Ok(0)
}

fn read_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    stdin()
        .take(MAX_STDIN)
        .read_to_string(&mut text)
        .context("stdin")?;
    Ok(text)
}

fn utf8(text: &std::ffi::OsStr) -> anyhow::Result<&str> {
    text.to_str().context("arguments are UTF-8")
}
