//! The built binary: what it says about its arguments, and its exit status.

use std::process::{Command, Output, Stdio};

/// Runs awp with nothing in its environment but a `PATH` and a home.
fn awp(arguments: &[&str], home: &std::path::Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_awp"))
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home)
        .stdin(Stdio::null())
        .output()
        .expect("awp starts")
}

/// Runs awp, which must refuse with this status, and gives what it said.
fn refused(status: i32, arguments: &[&str]) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let output = awp(arguments, home.path());
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "refusals go to stderr");
    said
}

fn printed(arguments: &[&str]) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let output = awp(arguments, home.path());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn help_and_version_are_printed() {
    let version = format!("awp {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(printed(&["--version"]), version);
    for arguments in [&["--help"][..], &["serve", "--help"], &["-h"]] {
        let help = printed(arguments);
        for word in ["--listen", "--on-disconnect", "COMMAND", "Examples:"] {
            assert!(help.contains(word), "{word} in {help}");
        }
    }
}

#[test]
fn a_wrong_flag_is_a_usage_error() {
    for (arguments, word) in [
        (&["--lisen", "127.0.0.1:1"][..], "--listen"),
        (&["serve", "--mode", "turn"], "pty, pipe"),
        (&["--ping-interval", "soon"], "15m"),
        (&["--on-disconnect", "wait"], "keep=15m"),
        (&["bash"], "To run it: awp -- bash\n"),
    ] {
        let said = refused(2, arguments);
        assert!(said.contains(word), "{word} in {said}");
    }
}

#[test]
fn a_wrong_file_is_a_usage_error_with_its_line() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("awp.toml");
    std::fs::write(&file, "[server]\nonse = true\n").expect("written");
    let name = file.to_str().expect("a plain path");
    let said = refused(2, &["--config", name]);
    let expected = format!("awp: {name}:2: unknown key \"onse\"; did you mean \"once\"?\n");
    assert_eq!(said, expected);
}

#[test]
fn a_missing_program_is_told_in_one_line() {
    for arguments in [
        &["--", "nosuchprog"][..],
        &["serve", "--", "nosuchprog", "-x"],
    ] {
        let said = refused(1, arguments);
        assert_eq!(said, "awp: nosuchprog: not found in PATH\n");
    }
}

#[test]
fn awp_does_not_start_open() {
    let said = refused(2, &["--listen", "0.0.0.0:0", "--no-auth"]);
    assert!(said.starts_with("awp: --no-auth: "), "{said}");
    let said = refused(2, &["--listen", "0.0.0.0:0"]);
    assert!(said.starts_with("awp: --listen: "), "{said}");
    assert_eq!(said.lines().count(), 1);
}
