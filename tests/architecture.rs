//! The rules of the source tree, checked: who may import whom, what stays pure, what is refused.

#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/source.rs"]
mod source;

use source::{Source, files};

fn check(folders: &[&str], endings: &[&str], rule: fn(&Source) -> Vec<String>) {
    let broken: Vec<String> = files(folders, endings).iter().flat_map(rule).collect();
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

/// Holds `rule` against a snippet and says whether it was refused.
fn refused(rule: fn(&Source) -> Vec<String>, path: &str, text: &str) -> bool {
    !rule(&Source::new(path, text)).is_empty()
}

const ALL: &[&str] = &["src", "tests", "examples", "benches", "frontend"];
const TESTS: &[&str] = &["tests", "frontend/test"];
const RUST: &[&str] = &["rs"];
const SCRIPT: &[&str] = &["ts", "tsx", "js", "mjs"];
const CODE: &[&str] = &["rs", "ts", "tsx", "js", "mjs"];

#[test]
fn imports_go_downward() {
    assert!(!files(&["src"], RUST).is_empty(), "nothing was read");
    check(&["src"], RUST, rules::imports);
}

#[test]
fn an_import_upward_is_seen() {
    let bad = [
        ("src/model/id.rs", "use crate::wire::close;"),
        ("src/session/task.rs", "use crate::wire::frame::Frame;"),
        ("src/session/task.rs", "fn f() { crate::server::start() }"),
        ("src/server/api.rs", "use crate::{model::id, process::pty};"),
        (
            "src/server/api.rs",
            "use crate::{\n    model,\n    wire::{a, b},\n    client,\n};",
        ),
        ("src/process/pty.rs", "use crate :: session;"),
        ("src/config/mod.rs", "use awp_server::server::Settings;"),
        ("src/client/mod.rs", "use crate::session;"),
        ("src/newlayer/mod.rs", "use crate::model;"),
    ];
    for (path, text) in bad {
        assert!(refused(rules::imports, path, text), "{path}: {text}");
    }
    let good = [
        (
            "src/server/api.rs",
            "use crate::{model::{id, size}, session};",
        ),
        (
            "src/session/task.rs",
            "use crate::process::pty; // not crate::wire",
        ),
        (
            "src/commands/serve.rs",
            "use awp_server::server; use crate::config::Config;",
        ),
        (
            "src/model/a.rs",
            "use super::id; const A: &str = \"crate::wire\";",
        ),
    ];
    for (path, text) in good {
        assert!(!refused(rules::imports, path, text), "{path}: {text}");
    }
}

#[test]
fn model_and_wire_are_pure() {
    check(&["src/model", "src/wire"], RUST, rules::purity);
}

#[test]
fn a_clock_or_a_file_in_the_model_is_seen() {
    for text in [
        "use tokio::sync::watch;",
        "let file = std::fs::read(path);",
        "use std::{fmt, fs};",
        "use std::net::TcpStream;",
        "use std::os::fd::OwnedFd;",
        "let now = Instant::now();",
        "let now = std::time::SystemTime::now();",
        "std::process::id();",
        "use libc::c_int;",
        "rustix::fs::open()",
    ] {
        assert!(refused(rules::purity, "src/model/a.rs", text), "{text}");
    }
    let good = "use std::time::Duration; use crate::model::process; // tokio\n\
                #[cfg(test)]\nmod tests { use std::fs; }";
    assert!(!refused(rules::purity, "src/model/a.rs", good));
}

#[test]
fn one_place_asks_the_wall_clock() {
    check(&["src"], RUST, rules::wall_clock);
}

#[test]
fn the_wall_clock_asked_elsewhere_is_seen() {
    let text = "let now = std::time::SystemTime::now();";
    assert!(refused(rules::wall_clock, "src/server/a.rs", text));
    assert!(!refused(rules::wall_clock, "src/clock.rs", text));
    let tested = "fn f() {}\n#[cfg(test)]\nmod tests { fn g() { SystemTime::now(); } }";
    assert!(!refused(rules::wall_clock, "src/server/a.rs", tested));
}

#[test]
fn only_spawn_is_unsafe() {
    check(ALL, RUST, rules::unsafe_code);
}

#[test]
fn unsafe_code_elsewhere_is_seen() {
    let text = "fn f() { unsafe { g() } }";
    assert!(refused(rules::unsafe_code, "src/process/pty.rs", text));
    assert!(!refused(rules::unsafe_code, "src/process/spawn.rs", text));
    assert!(!refused(
        rules::unsafe_code,
        "src/a.rs",
        "let unsafe_code = \"unsafe\";"
    ));
}

#[test]
fn files_are_short() {
    check(ALL, &["rs", "ts", "tsx"], rules::length);
}

#[test]
fn a_long_file_is_seen() {
    assert!(refused(rules::length, "src/a.rs", &"\n".repeat(501)));
    assert!(!refused(rules::length, "src/a.rs", &"\n".repeat(500)));
    let generated = "frontend/src/gen/a.ts";
    assert!(!refused(rules::length, generated, &"\n".repeat(501)));
}

#[test]
fn tests_wait_for_conditions() {
    check(TESTS, CODE, rules::sleeping);
}

#[test]
fn a_sleep_is_seen() {
    for text in [
        "thread::sleep(SHORT)",
        "tokio::time::sleep(SHORT).await",
        "setTimeout(done, 50)",
        "await page.waitForTimeout(50)",
        "await sleep (50)",
    ] {
        assert!(refused(rules::sleeping, "tests/a.rs", text), "{text}");
    }
    let child = "spawn(\"sleep 5\") // setTimeout";
    assert!(!refused(rules::sleeping, "tests/a.rs", child));
}

#[test]
fn nothing_is_left_open_or_left_out() {
    check(ALL, CODE, rules::leftovers);
    check(TESTS, SCRIPT, rules::leftovers);
}

#[test]
fn a_leftover_is_seen() {
    let fix = concat!("// FIX", "ME later");
    for (path, text) in [
        ("src/a.rs", "todo!()"),
        ("src/a.rs", "unimplemented!(\"later\")"),
        ("src/a.rs", fix),
        ("tests/a.rs", "#[test]\n#[ignore]\nfn a() {}"),
        ("tests/a.rs", "#[ignore = \"slow\"]"),
        ("frontend/test/a.ts", "it.only('a', f)"),
        ("frontend/test/a.ts", "test.skip('a', f)"),
        ("frontend/test/a.ts", "describe.skip('a', f)"),
    ] {
        assert!(refused(rules::leftovers, path, text), "{path}: {text}");
    }
    assert!(!refused(rules::leftovers, "src/a.rs", "let a = \"todo!\";"));
}

#[test]
fn strings_and_comments_are_told_from_code() {
    let text =
        "a('\"'); b(\"\\\"x\"); c(r#\"\"x\"\"#); /* x /* x */ x */ d('x', '\\''); // x\n&'x e";
    let code = Source::new("a.rs", text).code;
    assert!(!code.replace("&'x", "").contains('x'), "{code}");
    for kept in ["a(", "b(", "c(", "d(", "&'x e"] {
        assert!(code.contains(kept), "{kept} in {code}");
    }
    let script = Source::new("a.ts", "a('x'); b(`x\nx`); c(\"x\"); // x");
    assert!(!script.code.contains('x'), "{}", script.code);
    assert_eq!(script.code.lines().count(), 2, "lines keep their numbers");
}
