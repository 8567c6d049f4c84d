//! `awp session passwd`: the login program that awp brings, over its own users.
//!
//! It knows nothing itself: the server looks at what is typed, at the pace of its own login.

use std::io::{self, IsTerminal as _, Write as _};

use awp_server::control::client::call;
use serde_json::{Value, json};

use super::{FAILED, tty};

/// Asks until somebody is let in, gives up, or is sent away.
///
/// # Errors
/// When the terminal or the server cannot be asked.
pub fn run() -> anyhow::Result<u8> {
    // Asked first: where there is no session, nobody is to type a password.
    let info = call("session.info", &json!({}))?;
    // The session is somebody's already: nobody else may go on with it.
    let known = info["user"].as_str();
    loop {
        let user = match known {
            Some(user) => {
                tell(&format!("User: {user}"))?;
                Some(user.to_owned())
            }
            None => asked("User: ", true)?,
        };
        let Some(user) = user else {
            return give_up("given_up");
        };
        let Some(password) = asked("Password: ", false)? else {
            return give_up("given_up");
        };
        let mut shown = json!({"user": user.trim(), "password": password});
        let mut proved = call("session.password", &shown)?;
        let mut factor = "pwd";
        if proved["proof"] == "code_needed" {
            let Some(code) = asked("Code: ", true)? else {
                return give_up("given_up");
            };
            shown["code"] = code.trim().into();
            proved = call("session.password", &shown)?;
            factor = "mfa";
        }
        let (reason, message) = match proved["proof"].as_str() {
            Some("right") => return grant(user.trim(), factor, &proved["role"], &info["nonce"]),
            Some("wrong_code") => ("code", "The code is wrong, or was used before."),
            Some("too_many") => {
                let seconds = proved["retry_after"].as_u64().unwrap_or(1);
                tell(&format!("Too many attempts; try again in {seconds} s."))?;
                return give_up("too_many");
            }
            _ => ("password", "Unknown user or password."),
        };
        tell(message)?;
        // The server counts, and ends the session after the last one.
        call("session.deny", &json!({"reason": reason, "retry": true}))?;
    }
}

fn grant(subject: &str, acr: &str, role: &Value, nonce: &Value) -> anyhow::Result<u8> {
    let grant = json!({
        "subject": subject, "acr": acr, "claims": {"role": role}, "nonce": nonce,
    });
    call("session.grant", &grant)?;
    Ok(0)
}

fn give_up(reason: &str) -> anyhow::Result<u8> {
    call("session.deny", &json!({"reason": reason}))?;
    Ok(FAILED)
}

fn tell(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

/// Asks for a line; `None` at the end of the input. Without a terminal the question is a line too,
/// for whoever reads lines.
fn asked(question: &str, shown: bool) -> anyhow::Result<Option<String>> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        tell(question.trim_end())?;
        return line();
    }
    tty::ask(&stdin, stdin.lock(), io::stdout(), (question, shown))
}

fn line() -> anyhow::Result<Option<String>> {
    tty::line(io::stdin().lock())
}
