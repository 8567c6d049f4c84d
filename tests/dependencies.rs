//! What is built in, as `deny.toml` wants it: licences, sources and what is banned. `make deny` asks
//! cargo-deny itself, which also knows of advisories; that takes a program and a network, this takes
//! what cargo knows of the lock file.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn strings(value: &toml::Value) -> BTreeSet<String> {
    let list = value.as_array().expect("a list").iter();
    list.map(|text| text.as_str().expect("text").to_owned())
        .collect()
}

/// Whether a licence expression can be met with these: one of each `OR`, all of each `AND`.
fn is_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let text = expression.trim().replace('/', " OR ");
    let text = text.trim();
    if let Some(whole) = unwrapped(text) {
        return is_met(whole, allowed);
    }
    for (word, all) in [(" OR ", false), (" AND ", true)] {
        let parts = split(text, word);
        if parts.len() > 1 {
            let mut met = parts.iter().map(|part| is_met(part, allowed));
            return if all {
                met.all(|met| met)
            } else {
                met.any(|met| met)
            };
        }
    }
    allowed.contains(text)
}

/// The inside of one pair of brackets around all of it.
fn unwrapped(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?;
    let mut depth = 0;
    for byte in inside.bytes() {
        depth += i32::from(byte == b'(') - i32::from(byte == b')');
        if depth < 0 {
            return None;
        }
    }
    Some(inside)
}

/// The parts between these words that stand in no brackets.
fn split<'text>(text: &'text str, word: &str) -> Vec<&'text str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        depth += i32::from(byte == b'(') - i32::from(byte == b')');
        if depth == 0 && at >= start && text[at..].starts_with(word) {
            parts.push(&text[start..at]);
            start = at + word.len();
        }
    }
    parts.push(&text[start..]);
    parts
}

#[test]
fn expressions_are_read() {
    let allowed = ["MIT", "ISC"].map(str::to_owned).into();
    for good in [
        "MIT",
        "MIT OR GPL-3.0",
        "GPL-3.0/MIT",
        "(MIT OR X) AND ISC",
        "X OR (MIT AND ISC)",
    ] {
        assert!(is_met(good, &allowed), "{good}");
    }
    for bad in [
        "X",
        "MIT AND X",
        "(MIT OR X) AND Y",
        "(MIT AND X) OR (Y)",
        "",
    ] {
        assert!(!is_met(bad, &allowed), "{bad}");
    }
}

#[test]
fn c86_what_is_built_in_may_be() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = std::fs::read_to_string(root.join("deny.toml")).expect("the rules");
    let rules: toml::Value = toml::from_str(&rules).expect("TOML");
    let allowed = strings(&rules["licenses"]["allow"]);
    let registries = strings(&rules["sources"]["allow-registry"]);
    let banned = rules["bans"]["deny"].as_array().expect("a list").iter();
    let banned: BTreeSet<_> = banned.filter_map(|ban| ban["crate"].as_str()).collect();
    // For the machine that this runs on: what others need is not here to be read without a network.
    let host = Command::new(env!("CARGO"))
        .args(["-vV"])
        .output()
        .expect("cargo");
    let host = String::from_utf8(host.stdout).expect("text");
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("a host");
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--all-features",
        ])
        .args(["--filter-platform", host])
        .current_dir(root)
        .output()
        .expect("cargo");
    let why = String::from_utf8_lossy(&metadata.stderr).into_owned();
    assert!(metadata.status.success(), "{why}");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 100, "{}", packages.len());
    let mut wrong = Vec::new();
    for package in packages {
        let text = |key: &str| package[key].as_str();
        let name = text("name").expect("a name");
        let licence = text("license").unwrap_or("none");
        if !is_met(licence, &allowed) {
            wrong.push(format!("{name}: its licence is {licence}"));
        }
        if banned.contains(name) {
            wrong.push(format!("{name}: it is banned"));
        }
        // What has no source is of this tree.
        if let Some(source) = text("source") {
            let registry = source.strip_prefix("registry+");
            if !registry.is_some_and(|registry| registries.contains(registry)) {
                wrong.push(format!("{name}: it is from {source}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
