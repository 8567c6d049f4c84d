//! What ttyd's options are here.

use std::net::IpAddr;

use super::arguments::{Flag, Given, Style, read, value};
use super::plan::{Plan, Unreadable};

const fn flag(letter: char, name: &'static str, valued: bool) -> Flag {
    let letter = Some(letter);
    Flag {
        letter,
        name,
        valued,
    }
}

static FLAGS: [Flag; 32] = [
    flag('p', "port", true),
    flag('i', "interface", true),
    flag('U', "socket-owner", true),
    flag('c', "credential", true),
    flag('H', "auth-header", true),
    flag('u', "uid", true),
    flag('g', "gid", true),
    flag('s', "signal", true),
    flag('w', "cwd", true),
    flag('a', "url-arg", false),
    flag('R', "readonly", false),
    flag('W', "writable", false),
    flag('t', "client-option", true),
    flag('T', "terminal-type", true),
    flag('O', "check-origin", false),
    flag('m', "max-clients", true),
    flag('o', "once", false),
    flag('q', "exit-no-conn", false),
    flag('B', "browser", false),
    flag('I', "index", true),
    flag('b', "base-path", true),
    flag('P', "ping-interval", true),
    flag('f', "srv-buf-size", true),
    flag('6', "ipv6", false),
    flag('S', "ssl", false),
    flag('C', "ssl-cert", true),
    flag('K', "ssl-key", true),
    flag('A', "ssl-ca", true),
    flag('d', "debug", true),
    flag('v', "version", false),
    flag('h', "help", false),
    // Of an older version.
    flag('r', "reconnect", true),
];

/// Where ttyd listens unless it is told otherwise.
const PORT: u16 = 7681;

/// A client that is asked for a sign of life this often, in seconds, is given up later than awp
/// would by itself.
const SLOW_PING: u32 = 45;

/// Why an option has no counterpart, or needs none. `None`: it has one.
fn without(name: &str) -> Option<&'static str> {
    Some(match name {
        "socket-owner" => {
            "left out: a Unix socket of awp serves its own user and root, and nobody else; run awp \
             as that user"
        }
        "credential" => {
            "left out: a password on a command line is read by every user of the machine; awp user \
             add NAME asks for one, and the token is in a file (--token-file)"
        }
        "auth-header" => {
            "left out: awp believes no header about who somebody is; it asks for its own token or \
             login"
        }
        "uid" | "gid" => "left out: start awp as that user (sudo -u, or User= of systemd)",
        "url-arg" => {
            "left out: nothing of an address becomes an argument; name the keys that the program \
             may see in the file, query = [\"key\"], and it finds them as AWP_QUERY_KEY"
        }
        "client-option" => "left out: how the page looks is set in the page, by each person",
        "check-origin" => "needs nothing: pages of other origins are always refused",
        "index" => "left out: the page is awp's own; another one can be served beside it",
        "srv-buf-size" => "needs nothing: awp sizes its buffers by itself",
        "ssl-ca" => "left out: awp asks no client for a certificate",
        "readonly" => {
            "left out: who has the token may type; awp share SESSION gives a link for those who may \
             only watch"
        }
        "reconnect" => "needs nothing: the page connects again by itself",
        // Told elsewhere, or needs no words.
        "writable" | "ssl" | "ssl-cert" | "ssl-key" => "",
        _ => return None,
    })
}

/// The awp command line for these arguments of ttyd.
pub(super) fn plan(arguments: &[String]) -> Result<Plan, Unreadable> {
    let (given, command) = read(Style::Getopt, &FLAGS, arguments)?;
    let has = |name: &str| given.iter().any(|it| it.name == name);
    if has("version") || has("help") {
        let why = "there is nothing to serve; give the arguments that ttyd is started with";
        return Err(("--help".to_owned(), why.to_owned()));
    }
    if command.is_empty() {
        let why = "what ttyd is to run is missing; it stands behind its options";
        return Err(("ttyd".to_owned(), why.to_owned()));
    }
    let mut plan = Plan::new();
    plan.speak_tls(&given, ["ssl", "ssl-cert", "ssl-key"]);
    let exposed = listen(&mut plan, &given)?;
    for it in &given {
        let written = format!("--{}", it.name);
        match without(it.name) {
            Some("") => {}
            Some(why) => plan.note(&written, why),
            None => translate(&mut plan, it)?,
        }
    }
    plan.option("--on-disconnect", "hangup");
    if exposed {
        plan.note_exposed();
    }
    if !has("credential") && !has("auth-header") {
        if exposed {
            plan.note("ttyd", "asked for no password; awp asks for its token");
        } else {
            plan.flag("--no-auth");
        }
    }
    if !has("writable") && !has("readonly") {
        let why = "without --writable ttyd shows and takes no keys; in awp who has the token may \
                   type, and awp share SESSION gives a link for those who may only watch";
        plan.note("ttyd", why);
    }
    let why = "handed its whole environment on; awp hands on a short list (HOME, PATH, LANG and \
               the like), and what --env NAME=VALUE adds";
    plan.note("ttyd", why);
    plan.command(command);
    Ok(plan)
}

/// Where it listens. True if other machines reach it.
fn listen(plan: &mut Plan, given: &[Given]) -> Result<bool, Unreadable> {
    let last = |name: &str| given.iter().rev().find(|it| it.name == name);
    let port = last("port").map_or(Ok(PORT), value::<u16>)?;
    let all = if last("ipv6").is_some() {
        "::"
    } else {
        "0.0.0.0"
    };
    let Some(interface) = last("interface").map(|it| it.value.as_str()) else {
        return Ok(plan.listen(all, port));
    };
    let is_path = |text: &str| {
        let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
        text.contains('/') || matches!(ending, "sock" | "socket")
    };
    if is_path(interface) {
        plan.option("--listen", &format!("unix:{interface}"));
        return Ok(false);
    }
    match interface {
        "lo" => Ok(plan.listen("127.0.0.1", port)),
        address if address == "localhost" || address.parse::<IpAddr>().is_ok() => {
            Ok(plan.listen(address, port))
        }
        _ => {
            let why = "awp listens at addresses, not at interfaces; give the address that it has";
            Err(("--interface".to_owned(), why.to_owned()))
        }
    }
}

fn translate(plan: &mut Plan, it: &Given) -> Result<(), Unreadable> {
    match it.name {
        "signal" => {
            let name = it.value.trim_start_matches("SIG");
            if !["1", "HUP"].contains(&name) {
                let why = "left out: awp ends a program by closing its input, then HUP, TERM after \
                           2 s and KILL after 5 s";
                plan.note("--signal", why);
            }
        }
        "cwd" => plan.option("--cwd", &it.value),
        "terminal-type" => plan.option("--env", &format!("TERM={}", it.value)),
        "max-clients" => match value::<u32>(it)? {
            0 => plan.note("--max-clients", "0 is no limit; awp has one of 1000"),
            count => plan.option("--max-viewers", &count.to_string()),
        },
        "once" => plan.flag("--once"),
        "exit-no-conn" => {
            plan.flag("--once");
            plan.note(
                "--exit-no-conn",
                "awp then serves one session, and ends with it",
            );
        }
        "browser" => plan.flag("--open"),
        "base-path" => plan.option("--base-path", &it.value),
        "ping-interval" => {
            let seconds = value::<u32>(it)?.max(1);
            plan.option("--ping-interval", &format!("{seconds}s"));
            if seconds >= SLOW_PING {
                let timeout = u64::from(seconds) * 3;
                plan.option("--ping-timeout", &format!("{timeout}s"));
            }
        }
        "debug" => plan.option("--log-level", level(value(it)?)),
        _ => {}
    }
    Ok(())
}

/// The level of the log for ttyd's sum of levels: 1 errors, 2 warnings, 4 notices, and from there
/// on what is of use only to its developers.
const fn level(sum: u32) -> &'static str {
    match sum {
        0 => "off",
        1 => "error",
        2..=3 => "warn",
        4..=15 => "info",
        _ => "debug",
    }
}
