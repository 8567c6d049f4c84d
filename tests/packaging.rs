//! What is shipped beside the binary: units that systemd takes, a configuration that awp takes.

use std::path::Path;
use std::process::Command;

/// The highest exposure that systemd may find, in tenths (security: 3.0).
const EXPOSURE: &str = "--threshold=30";

fn shipped(name: &str) -> String {
    format!("{}/packaging/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The shipped units in a folder, with the built binary in the place of the installed one.
fn units(folder: &Path) -> [String; 3] {
    let names = ["awp.service", "awp.socket", "user/awp.service"];
    names.map(|name| {
        let text = std::fs::read_to_string(shipped(&format!("systemd/{name}"))).expect("a unit");
        let text = text.replace("/usr/bin/awp", env!("CARGO_BIN_EXE_awp"));
        // The manual page is installed with the package.
        let text = text.replace("Documentation=man:awp(1)\n", "");
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(&file, text).expect("written");
        file.display().to_string()
    })
}

fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().expect("installed by `make packages`");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn systemd_takes_the_units() {
    let folder = tempfile::tempdir().expect("a folder");
    for unit in units(folder.path()) {
        let (good, text) = said(Command::new("systemd-analyze").args(["verify", &unit]));
        assert!(good && text.trim().is_empty(), "{unit}: {text}");
    }
}

/// C79.
#[test]
fn the_machines_unit_is_hardened() {
    let folder = tempfile::tempdir().expect("a folder");
    let [service, _, _] = units(folder.path());
    let mut command = Command::new("systemd-analyze");
    let (good, text) = said(command.args(["security", "--offline=yes", EXPOSURE, &service]));
    assert!(good, "{text}");
}

#[test]
fn c85_the_machines_unit_leaves_no_core() {
    let unit = std::fs::read_to_string(shipped("systemd/awp.service")).expect("a unit");
    assert!(unit.lines().any(|line| line == "LimitCORE=0"), "{unit}");
}

#[test]
fn awp_takes_the_configuration() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awp"));
    command.args(["check", "--config", &shipped("awp.toml")]);
    let (_, text) = said(command.env("HOME", "/nonexistent"));
    assert!(
        text.starts_with("configuration: good; apps: default, shell\n"),
        "{text}"
    );
}

#[test]
fn every_file_of_the_package_is_there_or_made_by_the_makefile() {
    let manifest = include_str!("../Cargo.toml");
    let assets = manifest.split("assets = [").nth(1).expect("a list");
    let assets = assets.split("\n]").next().expect("its end");
    let made = include_str!("../Makefile");
    let mut count = 0;
    for line in assets.lines().filter(|line| line.contains('[')) {
        let source = line.split('"').nth(1).expect("a source");
        let there = Path::new(env!("CARGO_MANIFEST_DIR")).join(source).is_file();
        assert!(there || made.contains(source), "{source}");
        count += 1;
    }
    assert_eq!(count, 12);
}
