//! What travels over a control socket: requests, answers, and what every method takes and gives.
//!
//! The documentation and the JSON Schema are generated from here; a test fails when they differ.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A request, as it comes. Without an `id` it is not answered.
#[derive(Debug, Deserialize)]
pub struct Request {
    /// Always `2.0`.
    pub jsonrpc: String,
    /// What is to be done.
    pub method: String,
    /// With what.
    #[serde(default)]
    pub params: Option<Value>,
    /// The caller's own number or text for it.
    #[serde(default, deserialize_with = "present")]
    pub id: Option<Value>,
}

/// An `id` of `null` is one all the same.
fn present<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(reader).map(Some)
}

/// No parameters, or nothing to tell.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Nothing {}

/// What the caller is part of.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Info {
    /// The session's id.
    pub session: String,
    /// The name of its app.
    pub app: String,
    /// The number of the process whose socket this is.
    pub process: u16,
    /// `login`, `app`, or `reauth`: the login program of a session that is somebody's already.
    pub role: &'static str,
    /// The user that the session is for; nobody yet while the first login lasts. A later one is for
    /// the same user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The kind of proof that the application asked for, where the login program runs for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// What a login program shows with its grant. No other process has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

/// Who the session is for, said once by its login program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Grant {
    /// Who: 1 to 256 characters, none of them a control character.
    pub subject: String,
    /// What people call them.
    pub name: Option<String>,
    /// What else is known of them; the application finds it in `AWP_CLAIMS`.
    #[serde(default)]
    pub claims: Map<String, Value>,
    /// How they proved it.
    pub acr: Option<String>,
    /// Seconds for which it holds; the session ends with them.
    pub ttl: Option<u64>,
    /// The `nonce` of `session.info`.
    pub nonce: String,
}

/// A grant was taken.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Granted {
    /// The session's id.
    pub session: String,
    /// When it ends, in seconds since 1970, if the grant said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
}

/// Nobody gets in.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Deny {
    /// Why, for programs.
    pub reason: Option<String>,
    /// Why, for people.
    pub message: Option<String>,
    /// The login program asks once more; otherwise the session ends.
    pub retry: bool,
}

/// Somebody who shows a password, and the code of a second device where it was asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Shown {
    /// The name of a user of awp, as it was typed.
    pub user: String,
    /// The password.
    pub password: String,
    /// The code of the second device.
    pub code: Option<String>,
}

/// A password stands in no log.
impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shown")
    }
}

/// What somebody who shows a password turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Proof {
    /// The user.
    Right,
    /// The user, if the code of the second device is shown as well.
    CodeNeeded,
    /// The user, with a code that is wrong or was used before.
    WrongCode,
    /// Nobody: there is no such user, or the password is another one.
    Wrong,
    /// Somebody who tried too often: nothing was looked at.
    TooMany,
}

/// What a password has proved. It grants nothing.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Proved {
    /// What was found.
    pub proof: Proof,
    /// The role of the user, once all is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Seconds after which another try is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// How surely the application has to know who is there.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reauth {
    /// The kind of proof, as the login program names it in its grant.
    pub acr: Option<String>,
    /// Seconds: a login that is younger and of this kind will do. Without it, only a new one.
    pub max_age: Option<u64>,
}

/// What came of it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reproved {
    /// `accept` or `decline`.
    pub action: &'static str,
    /// The kind of proof that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
}

impl Reproved {
    /// It is the user.
    pub const fn accepted(acr: Option<String>) -> Self {
        Self {
            action: "accept",
            acr,
        }
    }

    /// Nobody has proved that they are.
    pub const fn declined() -> Self {
        Self {
            action: "decline",
            acr: None,
        }
    }
}

/// A question to whoever looks at the session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Question {
    /// What is asked, as plain text.
    pub text: String,
    /// It is no secret: what is typed may be seen.
    #[serde(default)]
    pub shown: bool,
    /// Seconds to wait for an answer: 300 where nothing is said, 3600 at most.
    pub wait: Option<u64>,
}

/// A file that is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Wanted {
    /// What for, as plain text.
    pub text: String,
    /// Which kinds, such as `.csv,text/plain`: a help for the person, not a check.
    pub accept: Option<String>,
    /// Where it goes, absolute; a folder, where it keeps its name, with `/` at the end. Without it:
    /// a folder of its own, which is removed with the session.
    pub path: Option<String>,
    /// A file of this name may be replaced there.
    pub overwrite: bool,
    /// Seconds to wait for it: 300 where nothing is said, 3600 at most.
    pub wait: Option<u64>,
}

/// What a person answered.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Replied {
    /// `accept` or `decline`.
    pub action: &'static str,
    /// What they typed, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A file that a person gave, or that they gave none.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Given {
    /// `accept` or `decline`.
    pub action: &'static str,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// A file to be offered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Offer {
    /// Where it is: an absolute path to a regular file.
    pub path: String,
}

/// A file that is offered.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Offered {
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub size: u64,
}

/// What to validate.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Validate {
    /// A token of `session.token`; the session itself where there is none.
    pub token: Option<String>,
}

/// Whether the session is somebody's, and whose. Named as in RFC 7662.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Validity {
    /// Whether it is. Where it is not, nothing else is said.
    pub active: bool,
    /// The user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// What people call them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The session's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The name of its app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// When it ends, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
    /// How they proved who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// What else is known of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Map<String, Value>>,
}

/// A secret that stands for the session for a short time.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Token {
    /// The secret.
    pub token: String,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
}

/// What is said of the session, signed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Statement {
    /// The JWT, with `sub`, `aud` (the app), `sid` (the session), `iat`, `exp` and what is known.
    pub statement: String,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
}

/// The name of a variable: 1 to 64 letters, digits and `- _ .`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VarName {
    /// The name.
    pub name: String,
}

/// A variable that the processes of a session share.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Var {
    /// Its name: 1 to 64 letters, digits and `- _ .`
    pub name: String,
    /// Its value; `null` is what a variable has that is not set.
    pub value: Value,
}

/// The variables that are set.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VarNames {
    /// Their names, in order.
    pub names: Vec<String>,
}

/// A title.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Title {
    /// What the process is to be called.
    pub text: String,
}

/// A link for whoever works in the session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Open {
    /// Its address: `http`, `https` or `mailto`.
    pub url: String,
}

/// A text for the clipboard of whoever works in the session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Copy {
    /// The text.
    pub text: String,
}

/// Something that those who watch are to be told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Notify {
    /// What.
    pub text: String,
    /// Its heading.
    pub title: Option<String>,
}

/// How far something has come.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Progress {
    /// Per cent, 0 to 100; without it nothing is known of the end.
    pub value: Option<u8>,
    /// What it is about.
    #[serde(default)]
    pub text: String,
}

/// How much a line of the log matters.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Level {
    /// For whoever looks for a fault.
    Debug,
    /// As usual.
    #[default]
    Info,
    /// Somebody should look.
    Warn,
    /// Something failed.
    Error,
}

/// A line for the server's log.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Log {
    /// What it says; control characters are replaced.
    pub text: String,
    /// How much it matters.
    #[serde(default)]
    pub level: Level,
}

/// Another process of the session. It appears beside the others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Spawn {
    /// The program and its arguments; never a line for a shell.
    pub command: Vec<String>,
    /// How it is connected: `pty`, `pipe`, `lines`, `json` or `pty+err`; as the app is, if not said.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub mode: Option<crate::model::mode::Mode>,
    /// Where it starts; where the app does, if not said.
    pub cwd: Option<String>,
    /// Further variables of its environment. Names that begin with `AWP_` are awp's own.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// A process that was started.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Spawned {
    /// Its number in the session.
    pub process: u16,
}

/// A process of the session.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProcessInfo {
    /// Its number in the session.
    pub process: u16,
    /// What it is called.
    pub title: String,
    /// Its process id.
    pub pid: u32,
    /// How it is connected.
    #[cfg_attr(test, schemars(with = "String"))]
    pub mode: crate::model::mode::Mode,
    /// How it ended, once it has: `{"code":N}` or `{"signal":"NAME"}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<Value>"))]
    pub exit: Option<crate::model::process::ExitStatus>,
}

/// The processes of the session.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Processes {
    /// In start order.
    pub processes: Vec<ProcessInfo>,
}

/// A signal for a process.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Signal {
    /// Its number in the session.
    pub process: u16,
    /// The signal's name without `SIG`, such as `INT`.
    pub signal: String,
}
