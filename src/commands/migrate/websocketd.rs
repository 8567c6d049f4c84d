//! What websocketd's options are here.

use super::arguments::{Flag, Given, Style, read, value};
use super::plan::{Plan, Unreadable};

const fn flag(name: &'static str, valued: bool) -> Flag {
    Flag {
        letter: None,
        name,
        valued,
    }
}

static FLAGS: [Flag; 31] = [
    flag("port", true),
    flag("address", true),
    flag("unixsocket", true),
    flag("sameorigin", false),
    flag("origin", true),
    flag("ssl", false),
    flag("sslcert", true),
    flag("sslkey", true),
    flag("sslca", true),
    flag("redirport", true),
    flag("passenv", true),
    flag("binary", false),
    flag("passstderr", false),
    flag("reverselookup", false),
    flag("dir", true),
    flag("staticdir", true),
    flag("cgidir", true),
    flag("maxforks", true),
    flag("maxframesize", true),
    flag("closems", true),
    flag("pingms", true),
    flag("header", true),
    flag("header-ws", true),
    flag("header-http", true),
    flag("devconsole", false),
    flag("loglevel", true),
    flag("license", false),
    flag("version", false),
    flag("help", false),
    flag("v", false),
    flag("h", false),
];

/// What a program is handed on of awp's own environment in any case.
const INHERITED: [&str; 9] = [
    "HOME",
    "PATH",
    "SHELL",
    "USER",
    "LOGNAME",
    "LANG",
    "TZ",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
];

/// The longest message that awp takes, in bytes.
const MAX_MESSAGE: u64 = 1024 * 1024;

/// A client that is asked for a sign of life this often, in seconds, is given up later than awp
/// would by itself.
const SLOW_PING: u64 = 45;

/// Why an option has no counterpart, or needs none. `None`: it has one.
fn without(name: &str) -> Option<&'static str> {
    Some(match name {
        "sameorigin" => "needs nothing: pages of other origins are always refused",
        "ssl" | "sslcert" | "sslkey" => "",
        "sslca" => "left out: awp asks no client for a certificate",
        "redirport" => "left out: awp leads nobody from plain HTTP to TLS",
        "passstderr" => {
            "left out: bare messages carry stdout; in the subprotocol awp.json what a program \
             writes to stderr comes too, with its name"
        }
        "reverselookup" => "left out: awp asks nobody for the names of its clients (REMOTE_HOST)",
        "cgidir" => {
            "left out: awp runs programs on sockets, not for single requests; --dir has each \
             program of a folder at /ws/NAME"
        }
        "closems" => {
            "left out: awp ends a program by closing its input, then HUP, TERM after 2 s and KILL \
             after 5 s"
        }
        "header" | "header-ws" | "header-http" => {
            "left out: the headers are awp's own; a proxy in front of it can add more"
        }
        "devconsole" => "needs nothing: awp has a page, at the address that it prints",
        "license" => "needs nothing",
        _ => return None,
    })
}

/// The awp command line for these arguments of websocketd.
pub(super) fn plan(arguments: &[String]) -> Result<Plan, Unreadable> {
    let (given, command) = read(Style::Go, &FLAGS, arguments)?;
    let has = |name: &str| given.iter().any(|it| it.name == name);
    if ["version", "help", "v", "h"].into_iter().any(has) {
        let why = "there is nothing to serve; give the arguments that websocketd is started with";
        return Err(("--help".to_owned(), why.to_owned()));
    }
    if command.is_empty() && !has("dir") {
        let why = "what websocketd is to run is missing; it stands behind its options";
        return Err(("websocketd".to_owned(), why.to_owned()));
    }
    let mut plan = Plan::new();
    plan.option("--mode", if has("binary") { "pipe" } else { "lines" });
    plan.speak_tls(&given, ["ssl", "sslcert", "sslkey"]);
    let exposed = listen(&mut plan, &given)?;
    for it in &given {
        match without(it.name) {
            Some("") => {}
            Some(why) => plan.note(&format!("--{}", it.name), why),
            None => translate(&mut plan, it)?,
        }
    }
    if exposed {
        plan.note_exposed();
        plan.note("websocketd", "asked for nothing; awp asks for its token");
    } else {
        plan.flag("--no-auth");
    }
    if !has("sameorigin") && !has("origin") {
        let why =
            "took pages of every origin; awp takes its own, and those that --allow-host names";
        plan.note("websocketd", why);
    }
    if !has("maxforks") {
        let why = "had no limit of its own; awp has 100 sessions, and --max-sessions N";
        plan.note("websocketd", why);
    }
    plan.note("websocketd", "was at every path; awp is at /ws");
    if !command.is_empty() {
        plan.command(command);
    }
    Ok(plan)
}

/// Where it listens. True if other machines reach it.
fn listen(plan: &mut Plan, given: &[Given]) -> Result<bool, Unreadable> {
    let last = |name: &str| given.iter().rev().find(|it| it.name == name);
    if let Some(socket) = last("unixsocket") {
        plan.option("--listen", &format!("unix:{}", socket.value));
        return Ok(false);
    }
    let default = if last("ssl").is_some() { 443 } else { 80 };
    let port = match last("port").map_or(Ok(0), value::<u16>)? {
        0 => default,
        port => port,
    };
    let mut exposed = false;
    let mut addresses = given.iter().filter(|it| it.name == "address").peekable();
    if addresses.peek().is_none() {
        exposed = plan.listen("0.0.0.0", port);
    }
    for address in addresses {
        let host = address.value.trim_matches(['[', ']']);
        exposed |= plan.listen(if host.is_empty() { "0.0.0.0" } else { host }, port);
    }
    Ok(exposed)
}

fn translate(plan: &mut Plan, it: &Given) -> Result<(), Unreadable> {
    match it.name {
        "dir" => {
            plan.option("--dir", &it.value);
            let why = "the programs of the folder are at /ws/NAME; those of folders in it are not \
                       taken, nor those that come later, until SIGHUP";
            plan.note("--dir", why);
        }
        "staticdir" => {
            plan.option("--static", &it.value);
            let why = "the files are below /static/, for who is logged in, and no script in them \
                       runs: it would have the authority of awp's page";
            plan.note("--staticdir", why);
        }
        "origin" => {
            for origin in it.value.split(',').filter(|origin| !origin.is_empty()) {
                let host = origin.split_once("://").map_or(origin, |(_, host)| host);
                plan.option("--allow-host", host.trim_end_matches('/'));
            }
        }
        "passenv" => {
            for name in it.value.split(',') {
                pass(plan, name.trim())?;
            }
        }
        "maxforks" => match value::<u32>(it)? {
            0 => plan.note("--maxforks", "0 is no limit; awp has one of 100 sessions"),
            count => plan.option("--max-sessions", &count.to_string()),
        },
        "maxframesize" if value::<u64>(it)? > MAX_MESSAGE => {
            plan.note("--maxframesize", "left out: a message has 1 MiB at most");
        }
        "pingms" => {
            let seconds = value::<u64>(it)?.div_ceil(1000).max(1);
            plan.option("--ping-interval", &format!("{seconds}s"));
            if seconds >= SLOW_PING {
                plan.option("--ping-timeout", &format!("{}s", seconds.saturating_mul(3)));
            }
        }
        "loglevel" => {
            let level = match it.value.as_str() {
                "debug" => "debug",
                "trace" => "trace",
                "access" | "info" => "info",
                "error" | "fatal" => "error",
                _ => {
                    let why = "its value cannot be read".to_owned();
                    return Err(("--loglevel".to_owned(), why));
                }
            };
            plan.option("--log-level", level);
        }
        _ => {}
    }
    Ok(())
}

/// A variable that the program is handed on.
fn pass(plan: &mut Plan, name: &str) -> Result<(), Unreadable> {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if name.is_empty() {
        return Ok(());
    }
    if !begins || !name.chars().all(letter) {
        let why = "its value holds what is no name of a variable".to_owned();
        return Err(("--passenv".to_owned(), why));
    }
    if !INHERITED.contains(&name) && !name.starts_with("LC_") {
        plan.pass(name);
    }
    Ok(())
}
