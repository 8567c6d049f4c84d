//! The rules. Each takes one file and says what breaks it.

use super::source::Source;

/// Lines of a file of code. A longer one holds more than one idea.
const MAX_LINES: usize = 500;

/// The only file that may hold unsafe code: between fork and exec there is no other way.
const UNSAFE_FILE: &str = "src/process/spawn.rs";

/// The only file that asks the wall clock.
const CLOCK_FILE: &str = "src/clock.rs";

/// Which layers each layer may import besides itself.
const LAYERS: [(&str, &[&str]); 12] = [
    (
        "main",
        &[
            "commands", "cli", "config", "client", "control", "server", "session", "store",
            "process", "wire", "model", "clock",
        ],
    ),
    (
        "commands",
        &[
            "cli", "config", "client", "control", "server", "session", "store", "process", "wire",
            "model", "clock",
        ],
    ),
    ("cli", &["config", "model"]),
    ("config", &["cli", "model"]),
    ("server", &["session", "store", "wire", "model", "clock"]),
    ("client", &["wire", "model"]),
    ("session", &["control", "process", "model", "clock"]),
    ("control", &["model"]),
    ("process", &["model"]),
    ("store", &["model", "clock"]),
    ("wire", &["model"]),
    ("clock", &[]),
];

/// What a pure layer must not name.
const IMPURE: [&str; 11] = [
    "tokio",
    "libc",
    "rustix",
    "std::fs",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "Instant::now",
    "SystemTime::now",
    ".elapsed(",
];

fn broken(source: &Source, at: usize, why: &str) -> String {
    let line = source.code[..at].matches('\n').count() + 1;
    format!("{}:{line}: {why}", source.path)
}

/// Imports go downward only.
pub fn imports(source: &Source) -> Vec<String> {
    let inside = source.path.trim_start_matches("src/");
    let layer = inside
        .split('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".rs");
    if layer == "lib" {
        return Vec::new();
    }
    let allowed: &[&str] = match LAYERS.iter().find(|(name, _)| *name == layer) {
        Some((_, allowed)) => allowed,
        None if layer == "model" => &[],
        None => {
            return vec![format!(
                "{}: {layer} is in no layer of the table",
                source.path
            )];
        }
    };
    let mut found = Vec::new();
    for root in ["crate", "awp_server"] {
        for at in words(&source.code, root) {
            for name in named(&source.code[at + root.len()..]) {
                if name != layer && !allowed.contains(&name.as_str()) {
                    found.push(broken(
                        source,
                        at,
                        &format!("{layer} must not import {name}"),
                    ));
                }
            }
        }
    }
    found
}

/// The first names of the paths that go on here: `::a::b` or `::{a::b, c}`.
fn named(rest: &str) -> Vec<String> {
    let Some(rest) = rest.trim_start().strip_prefix("::") else {
        return Vec::new();
    };
    let Some(group) = rest.trim_start().strip_prefix('{') else {
        return vec![first_name(rest)];
    };
    let (mut names, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                names.push(first_name(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn first_name(path: &str) -> String {
    let word = |c: &char| c.is_alphanumeric() || *c == '_';
    path.trim_start().chars().take_while(word).collect()
}

/// Where `word` stands as a word of its own.
fn words(code: &str, word: &str) -> Vec<usize> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let alone =
        |at: &usize| !code[..*at].ends_with(part) && !code[at + word.len()..].starts_with(part);
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(alone)
        .collect()
}

/// Model and wire know no runtime, file, socket or clock; their tests may.
pub fn purity(source: &Source) -> Vec<String> {
    // A file that is compiled for tests alone says so at its head.
    let tests = ["#![cfg(test)]", "#[cfg(test)]\nmod "].map(|mark| source.code.find(mark));
    let tests = tests.into_iter().flatten().min();
    let code = &source.code[..tests.unwrap_or(source.code.len())];
    let mut found = Vec::new();
    for name in IMPURE {
        for (at, _) in code.match_indices(name) {
            found.push(broken(source, at, &format!("{name} in a pure layer")));
        }
    }
    for (at, _) in code.match_indices("std::{") {
        for name in named(&code[at + "std".len()..]) {
            if ["fs", "net", "os", "process", "thread"].contains(&name.as_str()) {
                found.push(broken(source, at, &format!("std::{name} in a pure layer")));
            }
        }
    }
    found
}

/// Unsafe code stands in one file.
pub fn unsafe_code(source: &Source) -> Vec<String> {
    if source.path == UNSAFE_FILE {
        return Vec::new();
    }
    let found = words(&source.code, "unsafe").into_iter();
    found.map(|at| broken(source, at, "unsafe code")).collect()
}

/// A file is no longer than its idea; generated ones are as long as they are.
pub fn length(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    if lines <= MAX_LINES || source.path.starts_with("frontend/src/gen/") {
        return Vec::new();
    }
    vec![format!(
        "{}: {lines} lines, {MAX_LINES} at most",
        source.path
    )]
}

/// One place asks the wall clock; what jumps with it has no business elsewhere.
pub fn wall_clock(source: &Source) -> Vec<String> {
    if source.path == CLOCK_FILE {
        return Vec::new();
    }
    let tests = source.code.find("#[cfg(test)]");
    let code = &source.code[..tests.unwrap_or(source.code.len())];
    let found = code.match_indices("SystemTime::now");
    found
        .map(|(at, _)| broken(source, at, "the time is told by crate::clock"))
        .collect()
}

/// Tests wait for a condition, never for time.
pub fn sleeping(source: &Source) -> Vec<String> {
    let found = ["sleep", "setTimeout", "waitForTimeout"].into_iter();
    found
        .flat_map(|name| words(&source.code, name))
        .map(|at| broken(source, at, "a test waits for a condition, not for time"))
        .collect()
}

/// Nothing is left open, no test is left out.
pub fn leftovers(source: &Source) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let rust = ["todo!", "unimplemented!", "#[ignore"];
    let scripts = [".only(", "test.skip", "it.skip", "describe.skip"];
    for name in if source.is_rust {
        &rust[..]
    } else {
        &scripts[..]
    } {
        for (at, _) in source.code.match_indices(name) {
            found.push(broken(source, at, &format!("{name} is left")));
        }
    }
    for (at, line) in source.text.lines().enumerate() {
        if line.contains(concat!("FIX", "ME")) {
            found.push(format!("{}:{}: left to be fixed", source.path, at + 1));
        }
    }
    found
}
