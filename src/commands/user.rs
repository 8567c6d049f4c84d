//! `awp user`: who may log in with a name and a password.
//!
//! The database is changed itself, so that it works with and without a server; a running one sees
//! the change at once.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use anyhow::Context as _;
use awp_server::client::error::ClientError;
use awp_server::clock;
use awp_server::model::access::Role;
use awp_server::server::{password, totp};
use awp_server::store::Store;
use awp_server::store::users::{PasswordHash, User as Known, valid_name};
use rustix::termios::{self, LocalModes, OptionalActions};

use super::sessions;
use crate::cli::{User, UserVerb};
use crate::config::database;
use crate::config::layer::Environment;

/// Does what was typed.
///
/// # Errors
/// When there is no such user, the password cannot be one, or the database fails.
pub fn run(typed: &User) -> anyhow::Result<u8> {
    let path = database(&Environment::of_this_process()).ok_or_else(|| {
        ClientError::usage(
            "XDG_STATE_HOME",
            "neither it nor HOME says where the users are kept",
        )
    })?;
    match &typed.verb {
        UserVerb::Ls => {
            let users = match Store::open_existing(&path)? {
                Some(store) => store.users()?,
                None => Vec::new(),
            };
            sessions::print(table(&users).as_bytes())?;
        }
        UserVerb::Add {
            name,
            role,
            password_stdin,
        } => {
            if !valid_name(name) {
                let why = "not a name; use up to 64 letters, digits and - _ . @, beginning with a \
                           letter or digit; owner and guest are taken";
                return Err(ClientError::usage(format!("{name:?}"), why).into());
            }
            let hash = hashed(*password_stdin)?;
            if !Store::open(&path)?.add_user(name, &hash, *role)? {
                let why = format!("there is a user {name}; `awp user passwd` changes the password");
                return Err(ClientError::Failed(why).into());
            }
            say(allows(*role));
        }
        UserVerb::Passwd {
            name,
            password_stdin,
        } => {
            let store = known(&path, name)?;
            let hash = hashed(*password_stdin)?;
            there(name, store.set_password(name, &hash)?)?;
        }
        UserVerb::Role { name, role } => {
            let store = known(&path, name)?;
            there(name, store.set_role(name, *role)?)?;
            say(allows(*role));
        }
        UserVerb::Totp { name, off: true } => {
            there(name, known(&path, name)?.set_totp(name, None)?)?;
        }
        UserVerb::Totp { name, off: false } => second_device(&known(&path, name)?, name)?,
        UserVerb::Rm { name } => there(name, known(&path, name)?.remove_user(name)?)?,
    }
    Ok(0)
}

/// Gives a user a second device. At a terminal its first code is asked for: one that was never set up
/// would shut its user out.
fn second_device(store: &Store, name: &str) -> anyhow::Result<()> {
    let secret = totp::secret()?;
    sessions::print(format!("{}\n", totp::url(name, &secret)).as_bytes())?;
    if io::stdin().is_terminal() {
        let code = asked("The code that the device shows now: ")?;
        if totp::period(&secret, &code, clock::wall()).is_none() {
            let why =
                "this is not its code, so nothing was changed; is the clock right, here and there?";
            return Err(ClientError::Failed(why.to_owned()).into());
        }
    }
    there(name, store.set_totp(name, Some(&secret))?)?;
    say("give this to an authenticator, as a QR code or as text: it is not shown again");
    Ok(())
}

/// The store, where it has this user.
fn known(path: &std::path::Path, name: &str) -> anyhow::Result<Store> {
    let store = Store::open_existing(path)?;
    let found = store.map(|store| Ok::<_, anyhow::Error>((store.user(name)?.is_some(), store)));
    match found.transpose()? {
        Some((true, store)) => Ok(store),
        _ => Err(nobody(name).into()),
    }
}

fn there(name: &str, found: bool) -> anyhow::Result<()> {
    if found {
        Ok(())
    } else {
        Err(nobody(name).into())
    }
}

fn nobody(name: &str) -> ClientError {
    ClientError::Failed(format!(
        "there is no user {name:?}; `awp user ls` shows who there is"
    ))
}

/// What a role hands over, said when it is given.
fn allows(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner may do all that this account may do",
        Role::Write => {
            "who may type into a session of the owners can do all that this account may do"
        }
        Role::Watch => "sees the sessions of the owners, and changes nothing",
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a remark for the person at the terminal"
)]
fn say(remark: &str) {
    eprintln!("awp: user: {remark}");
}

/// Reads a password and hashes it. It never is an argument: those can be read by everyone on the
/// machine.
fn hashed(from_stdin: bool) -> anyhow::Result<PasswordHash> {
    let password = if from_stdin {
        first_line()?
    } else if io::stdin().is_terminal() {
        let password = asked("Password: ")?;
        if asked("Again: ")? != password {
            return Err(ClientError::Failed("the two passwords differ".to_owned()).into());
        }
        password
    } else {
        let why = "stdin is no terminal to ask for the password at; add --password-stdin";
        return Err(ClientError::usage("password", why).into());
    };
    let hash = password::hash(&password)?;
    if password.chars().count() < password::SHORT {
        say("the password is short: whoever may try often enough will guess it");
    }
    Ok(hash)
}

/// The first line of stdin without its end.
fn first_line() -> anyhow::Result<String> {
    let longest = u64::try_from(password::LONGEST).unwrap_or(u64::MAX) + 2;
    let mut line = String::new();
    io::stdin()
        .lock()
        .take(longest)
        .read_line(&mut line)
        .context("the password cannot be read")?;
    if line.ends_with('\n') {
        line.pop();
        if line.ends_with('\r') {
            line.pop();
        }
    }
    Ok(line)
}

/// Asks at the terminal, which does not show what is typed.
fn asked(question: &str) -> anyhow::Result<String> {
    let stdin = io::stdin();
    let before = termios::tcgetattr(&stdin)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    silent.local_modes.insert(LocalModes::ECHONL);
    let mut stderr = io::stderr();
    stderr.write_all(question.as_bytes())?;
    stderr.flush()?;
    termios::tcsetattr(&stdin, OptionalActions::Flush, &silent)?;
    let line = first_line();
    termios::tcsetattr(&stdin, OptionalActions::Now, &before)?;
    line
}

/// The users in columns.
fn table(users: &[Known]) -> String {
    let widest = users.iter().map(|user| user.name.len()).max();
    let width = widest.unwrap_or(0).max("NAME".len());
    let mut out = format!("{:width$}  ROLE\n", "NAME");
    for user in users {
        let factor = if user.second_factor { "  totp" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{:width$}  {}{factor}", user.name, user.role.name());
    }
    out
}
