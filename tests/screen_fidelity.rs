//! How faithfully a snapshot of the screen model reproduces a terminal, measured against
//! xterm.js: recorded programs are cut at several points, and a terminal that saw the stream is
//! compared with one that saw the snapshot, cell by cell and mode by mode, at the cut and after
//! the rest of the stream. Needs Node; `tests/screen/record.py` and `synthetic.py` make the
//! recordings. `--verbose` in the environment variable `SCREEN_COMPARE` lists every difference.

#![expect(
    clippy::print_stdout,
    reason = "the scores are worth reading when they pass, too"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use awp_server::model::screen::{Screen, Settings};
use awp_server::model::size::Size;

/// Places where a stream is cut, at most. Enough to meet a program in each of its phases.
const CUTS: usize = 8;

/// Share of checkpoints whose screen must be exact, in percent.
const SCREEN_MIN: u64 = 96;

/// Share of checkpoints that must be exact in every mode too, in percent.
const ALL_MIN: u64 = 92;

type Scores = BTreeMap<String, BTreeMap<String, u64>>;

/// Offsets at which sequences begin, about evenly spread.
fn cuts(stream: &[u8]) -> Vec<usize> {
    let mut places: Vec<usize> = (1..=CUTS)
        .filter_map(|part| {
            let from = stream.len() * part / (CUTS + 1);
            let next = stream[from..]
                .iter()
                .position(|byte| matches!(byte, 0x1b | b'\r'));
            next.map(|found| from + found)
        })
        .collect();
    places.dedup();
    places
}

fn manifest(recordings: &Path, work: &Path) -> String {
    let mut files: Vec<PathBuf> = fs::read_dir(recordings)
        .expect("the recordings are committed")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|end| end == "bin"))
        .collect();
    files.sort();
    let mut lines = String::new();
    for file in files {
        let stream = fs::read(&file).expect("a recording");
        let stem = file
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let (category, name) = stem.split_once('-').expect("category-name");
        let mut screen = Screen::new(Size::DEFAULT, Settings::default());
        let mut fed = 0;
        for cut in cuts(&stream) {
            screen.feed(&stream[fed..cut]);
            fed = cut;
            let snapshot = work.join(format!("{stem}-{cut}.snapshot"));
            fs::write(&snapshot, screen.snapshot()).expect("a writable folder");
            let parts = [
                category,
                name,
                &file.to_string_lossy(),
                &cut.to_string(),
                &snapshot.to_string_lossy(),
            ];
            lines.push_str(&parts.join("\t"));
            lines.push('\n');
        }
    }
    lines
}

/// Installs the packages of the comparison as the lock file names them, if they are missing.
fn install(folder: &Path) {
    if folder.join("node_modules/@xterm/headless").exists() {
        return;
    }
    let status = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .status()
        .expect("this test needs Node and npm");
    assert!(status.success(), "npm ci in {} failed", folder.display());
}

#[test]
fn snapshots_reproduce_what_xterm_shows() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folder = tests.join("screen");
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screen_fidelity");
    fs::create_dir_all(&work).expect("a writable folder");
    install(&folder);
    let list = work.join("manifest.tsv");
    fs::write(&list, manifest(&tests.join("recordings"), &work)).expect("a writable folder");

    let mut node = Command::new("node");
    node.arg("compare.mjs").arg(&list).current_dir(&folder);
    if let Ok(option) = std::env::var("SCREEN_COMPARE") {
        node.arg(option);
    }
    let output = node.output().expect("this test needs Node");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );

    println!("{printed}");
    let json = printed.lines().last().unwrap_or_default();
    let scores: Scores = serde_json::from_str(json).expect("scores");
    let floor: Scores =
        serde_json::from_str(include_str!("screen/floor.json")).expect("a floor file");
    for (category, least) in &floor {
        for (measure, least) in least {
            let reached = scores[category][measure];
            assert!(
                reached >= *least,
                "{category}: {measure} fell from {least} to {reached}\n{printed}"
            );
        }
    }
    let total = &scores["total"];
    let share = |measure: &str| total[measure] * 100 / total["checkpoints"];
    assert!(share("screen") >= SCREEN_MIN, "{printed}");
    assert!(share("all") >= ALL_MIN, "{printed}");
}
