//! Source files, with their code apart from comments and strings.

use std::fs;
use std::path::Path;

/// Folders that are made, not written.
const MADE: [&str; 3] = ["node_modules", "dist", "target"];

/// One source file.
pub struct Source {
    /// Its path in the project.
    pub path: String,
    /// All of it.
    pub text: String,
    /// The same lines with comments and the insides of strings taken out.
    pub code: String,
    /// Whether it is Rust; else it is TypeScript or JavaScript.
    pub is_rust: bool,
}

impl Source {
    /// Takes `text` for the file at `path`.
    pub fn new(path: &str, text: &str) -> Self {
        let is_rust = Path::new(path).extension().is_some_and(|end| end == "rs");
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: code_of(text, is_rust),
            is_rust,
        }
    }
}

/// Every file below the folders with one of the endings; a missing folder has none.
pub fn files(folders: &[&str], endings: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in folders {
        collect(root, &root.join(folder), endings, &mut found);
    }
    found
}

fn collect(root: &Path, folder: &Path, endings: &[&str], found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().and_then(|name| name.to_str());
        if path.is_dir() {
            if name.is_some_and(|name| !MADE.contains(&name)) {
                collect(root, &path, endings, found);
            }
        } else if path
            .extension()
            .is_some_and(|end| endings.iter().any(|one| end == *one))
        {
            let text = fs::read_to_string(&path).expect("a source file is text");
            let inside = path.strip_prefix(root).expect("below the project");
            found.push(Source::new(&inside.to_string_lossy(), &text));
        }
    }
}

/// Blanks comments and strings; line breaks stay, so that line numbers hold.
fn code_of(text: &str, is_rust: bool) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = comment(rest, is_rust)
            .or_else(|| raw_string(rest, &code, is_rust))
            .or_else(|| string(rest, is_rust))
            .unwrap_or(0);
        if skipped > 0 {
            code.push(' ');
            code.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
            rest = &rest[skipped..];
        } else {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    code
}

/// The length of the comment that starts here. Rust's block comments nest.
fn comment(rest: &str, is_rust: bool) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let (mut at, mut depth) = (2, 1);
    while depth > 0 && at < rest.len() {
        let here = &rest.as_bytes()[at..];
        match here {
            [b'*', b'/', ..] => (at, depth) = (at + 2, depth - 1),
            [b'/', b'*', ..] if is_rust => (at, depth) = (at + 2, depth + 1),
            _ => at += 1,
        }
    }
    Some(at)
}

/// The length of Rust's raw string that starts here.
fn raw_string(rest: &str, before: &str, is_rust: bool) -> Option<usize> {
    let word = before.ends_with(|c: char| c.is_alphanumeric() && c != 'b' || c == '_');
    if !is_rust || word {
        return None;
    }
    let tail = rest.strip_prefix('r')?;
    let inside = tail.trim_start_matches('#');
    let hashes = tail.len() - inside.len();
    let inside = inside.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(rest.len() - inside.len() + length)
}

/// The length of the string or character that starts here.
fn string(rest: &str, is_rust: bool) -> Option<usize> {
    let quote = rest.chars().next().filter(|c| "\"'`".contains(*c))?;
    if is_rust && quote == '`' {
        return None;
    }
    if is_rust && quote == '\'' {
        // A lifetime has no quote after its first letter; a character has.
        let mut inside = rest[1..].chars();
        let first = inside.next()?;
        if first != '\\' && inside.next() != Some('\'') {
            return None;
        }
    }
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            // An unpaired quote in a script is part of a regular expression.
            '\n' if !is_rust && quote != '`' => return Some(at),
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}
