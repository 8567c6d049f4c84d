//! The list is whole, and everything that it names is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The numbers of the visible checks: 1 to 87 without those that are kept for others.
const CHECKS: [u32; 71] = [
    1, 2, 3, 5, 7, 8, 9, 10, 11, 12, 14, 15, 16, 18, 19, 22, 23, 24, 25, 26, 28, 29, 31, 32, 33,
    35, 38, 39, 40, 41, 42, 43, 44, 45, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 59, 60, 61, 63,
    64, 65, 67, 68, 69, 70, 71, 73, 74, 75, 76, 77, 79, 80, 83, 84, 85, 86, 36, 37, 58, 72,
];

/// The faults of which the door is a part.
const FAULTS: [u32; 8] = [14, 15, 16, 17, 18, 19, 20, 29];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A row: its number, what it says, what proves it.
struct Row {
    number: String,
    proof: String,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("docs/security-checks.md")).expect("the list");
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [number, _, proof] = cells[..] else {
            return None;
        };
        let numbered = number.starts_with(['C', 'R']) && number[1..].parse::<u32>().is_ok();
        numbered.then(|| Row {
            number: number.to_owned(),
            proof: proof.to_owned(),
        })
    });
    rows.collect()
}

/// What stands between backticks: `file::function`, or `file: title` of a test of the page.
fn named(proof: &str) -> impl Iterator<Item = &str> {
    proof.split('`').skip(1).step_by(2)
}

/// Whether there is a test of this name, which is not left out.
fn exists(name: &str) -> Result<(), String> {
    let (file, needles) = match (name.split_once("::"), name.split_once(": ")) {
        (Some((file, function)), _) => (file, vec![format!("fn {function}(")]),
        (None, Some((file, title))) => (file, vec![format!("test(\"{title}\"")]),
        (None, None) => return Err(format!("{name}: neither a function nor a title")),
    };
    let text = fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))?;
    let lines: Vec<_> = text.lines().collect();
    let at = lines
        .iter()
        .position(|line| needles.iter().any(|needle| line.contains(needle)));
    let at = at.ok_or_else(|| format!("{name}: there is no such test"))?;
    if Path::new(file).extension().is_some_and(|end| end == "rs") {
        let mut above = lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.trim() != "}");
        if !above.any(|line| {
            ["test]", "::test("].iter().any(|mark| line.contains(mark))
                || line.contains("proptest! {")
        }) {
            return Err(format!("{name}: it is no test"));
        }
    }
    Ok(())
}

#[test]
fn every_check_is_listed_once_and_what_proves_it_is_there() {
    let rows = rows();
    let listed: Vec<_> = rows.iter().map(|row| row.number.clone()).collect();
    let checks = CHECKS.iter().map(|number| format!("C{number:02}"));
    let faults = FAULTS.iter().map(|number| format!("R{number:02}"));
    let expected: BTreeSet<_> = checks.chain(faults).collect();
    let unique: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(unique.len(), listed.len(), "each once");
    let missing: Vec<_> = expected.difference(&unique).collect();
    assert!(missing.is_empty(), "not listed: {missing:?}");
    let mut wrong = Vec::new();
    for Row { number, proof } in &rows {
        let mut proofs = 0;
        for name in named(proof) {
            proofs += 1;
            if let Err(why) = exists(name) {
                wrong.push(format!("{number}: {why}"));
            }
        }
        if proofs == 0 && !proof.starts_with("Not built:") {
            wrong.push(format!("{number}: neither a test nor why there is none"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every Rust file of the tests.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The other way round: every number that a test bears has a row, which says what it is.
#[test]
fn every_number_of_a_test_is_listed() {
    let rows = rows();
    let mut found = Vec::new();
    files(&root().join("tests"), &mut found);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in found {
        let file = path
            .strip_prefix(root())
            .expect("below it")
            .display()
            .to_string();
        let text = fs::read_to_string(&path).expect("a file");
        let functions = text
            .lines()
            .filter_map(|line| line.split_once("fn ")?.1.split_once('('));
        for (function, _) in functions {
            let words = function.split('_');
            let numbers = words.map_while(|word| word.strip_prefix('c')?.parse::<u32>().ok());
            for number in numbers {
                seen += 1;
                let number = format!("C{number:02}");
                if rows.iter().all(|row| row.number != number) {
                    wrong.push(format!("{number}: {file}::{function}"));
                }
            }
        }
    }
    assert!(seen > 20, "the names are understood");
    assert!(wrong.is_empty(), "not listed:\n{}", wrong.join("\n"));
}
