//! The TypeScript of the control messages: a test keeps `frontend/src/gen` equal to the types here.
#![cfg(test)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ts_rs::{Config, TS};

use super::message::{ClientMessage, ServerMessage};
use crate::model::screen::columns;

/// What the files begin with.
const NOTE: &str = "// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. \
                    Do not edit.\n";

/// Generates everything that both messages are made of, by file name.
fn generated() -> BTreeMap<PathBuf, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config::new().with_out_dir(folder.path());
    ClientMessage::export_all(&config).expect("TypeScript");
    ServerMessage::export_all(&config).expect("TypeScript");
    files(folder.path())
        .into_iter()
        .map(|(name, text)| {
            let code = text.split_once("\n\n").map_or("", |(_, code)| code);
            let first = text.lines().next().unwrap_or_default();
            let body = if first.starts_with("//") {
                text[first.len()..].trim_start()
            } else {
                code
            };
            (name, format!("{NOTE}\n{}\n", body.trim_end()))
        })
        .collect()
}

fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry"))
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("a text file");
            (PathBuf::from(entry.file_name()), text)
        })
        .collect()
}

#[test]
fn the_typescript_is_that_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("frontend/src/gen");
    let generated = generated();
    if std::env::var_os("AWP_WRITE_GENERATED").is_some() {
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, text) in &generated {
            std::fs::write(folder.join(name), text).expect("a file");
        }
    }
    assert_eq!(
        files(&folder),
        generated,
        "frontend/src/gen differs from the types; run AWP_WRITE_GENERATED=1 cargo test generated"
    );
}

/// Runs of characters behind ASCII that take this many cells: how far each begins behind the end of
/// the one before, and how long it is.
fn runs(cells: usize) -> String {
    let mut runs = Vec::new();
    let mut at = 0x80;
    let mut begin = None;
    for code in 0x80..=0x11_0000_u32 {
        let same = char::from_u32(code).is_some_and(|character| columns(character) == cells);
        match (same, begin) {
            (true, None) => begin = Some(code),
            (false, Some(from)) => {
                runs.push(format!("{:x}+{:x}", from - at, code - from));
                at = code;
                begin = None;
            }
            _ => {}
        }
    }
    runs.join(" ")
}

#[test]
fn the_page_has_the_widths_of_the_model() {
    let name = "frontend/src/term/widths-table.ts";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let table = format!(
        "{NOTE}\n/** Runs of characters that take no cell: gap and length. */\nexport const MARKS =\n  \
         \"{}\";\n\n/** Runs of characters that take two. */\nexport const WIDE =\n  \"{}\";\n",
        runs(0),
        runs(2)
    );
    if std::env::var_os("AWP_WRITE_GENERATED").is_some() {
        std::fs::write(&path, &table).expect("a file");
    }
    assert_eq!(
        std::fs::read_to_string(&path).expect("the table"),
        table,
        "{name} differs from the model; run AWP_WRITE_GENERATED=1 cargo test generated"
    );
}
