//! What `awp shell-integration` prints, read by the real shells on a terminal of the real server:
//! the marks stand where they belong, say the right status, and the shell is the shell it was.

mod harness;

use std::process::Command;

use harness::{Dialect, Server, Viewer};

/// What is between two marks, and the mark behind it.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    mark: String,
}

/// Cuts output at its marks; what else a shell tells its terminal is left out.
fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let output = String::from_utf8_lossy(bytes);
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = output.as_ref();
    while let Some(at) = rest.find('\x1b') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(sequence) = rest.strip_prefix(']') {
            let Some(end) = sequence.find(['\x07', '\x1b']) else {
                break;
            };
            if let Some(mark) = sequence[..end].strip_prefix("133;") {
                let mark = mark.to_owned();
                let text = std::mem::take(&mut text);
                pieces.push(Piece { text, mark });
            }
            rest = &sequence[end..];
            rest = rest
                .strip_prefix('\x07')
                .or(rest.strip_prefix("\x1b\\"))
                .unwrap_or(rest);
        } else if let Some(sequence) = rest.strip_prefix('[') {
            let end = sequence.find(|letter: char| ('@'..='~').contains(&letter));
            rest = end.map_or("", |end| &sequence[end + 1..]);
        } else {
            rest = rest.strip_prefix("(B").unwrap_or(rest);
        }
    }
    pieces
}

/// The marks as a page reads them: one that is told twice counts once, and nothing ends that has
/// not begun.
fn read(bytes: &[u8]) -> Vec<Piece> {
    let mut read: Vec<Piece> = Vec::new();
    for piece in pieces(bytes) {
        let last = read.last().map_or("", |last| last.mark.as_str());
        let ends = piece.mark.starts_with('D');
        if last != piece.mark && (!ends || last == "C") {
            read.push(piece);
        }
    }
    read
}

/// A shell that has read the lines for it.
struct Marked {
    viewer: Viewer,
    start: usize,
    server: Server,
}

impl Marked {
    async fn begin(shell: &[&str], eval: &str) -> Self {
        let server = Server::start(&["--env", "LANG=C.UTF-8"], shell).await;
        let mut viewer = Viewer::open(&server, Dialect::Json, "/ws?cols=80&rows=24").await;
        // A shell that is not ready yet throws away what was typed.
        viewer
            .until("a prompt", |seen| !seen.out.bytes.is_empty())
            .await;
        let start = viewer.seen.out.bytes.len();
        viewer.type_text(&format!("{eval}\n")).await;
        let mut marked = Self {
            viewer,
            start,
            server,
        };
        marked.prompts(1).await;
        marked
    }

    /// Waits for prompts since the last line; gives what was seen of it.
    async fn prompts(&mut self, count: usize) -> Vec<Piece> {
        let start = self.start;
        let ended = |bytes: &[u8]| read(bytes).iter().filter(|piece| piece.mark == "B").count();
        self.viewer
            .until("a marked prompt", |seen| {
                ended(&seen.out.bytes[start..]) >= count
            })
            .await;
        read(&self.viewer.seen.out.bytes[start..])
    }

    /// Runs a line; gives its output and its status, once the prompt behind it is there.
    async fn run(&mut self, line: &str) -> (String, String) {
        self.start = self.viewer.seen.out.bytes.len();
        self.viewer.type_text(&format!("{line}\n")).await;
        let seen = self.prompts(1).await;
        let from = seen.iter().position(|piece| piece.mark == "C");
        let from = from.unwrap_or_else(|| panic!("{line}: {seen:?}"));
        let marks: Vec<_> = seen[from..]
            .iter()
            .map(|piece| piece.mark.as_str())
            .collect();
        let ["C", done, "A", "B"] = marks[..] else {
            panic!("{line}: {seen:?}");
        };
        let status = done.strip_prefix("D;").expect("an end").to_owned();
        // Fish moves to the column where it is.
        let output = seen[from + 1].text.trim_start_matches('\r');
        (output.to_owned(), status)
    }
}

/// The line that a person's own file has for a shell.
fn eval(shell: &str) -> String {
    let awp = env!("CARGO_BIN_EXE_awp");
    match shell {
        "fish" => format!("test -n \"$AWP_SESSION\"; and {awp} shell-integration fish | source"),
        _ => format!("[ -n \"$AWP_SESSION\" ] && eval \"$({awp} shell-integration {shell})\""),
    }
}

fn ran(output: &str, status: &str) -> (String, String) {
    (output.to_owned(), status.to_owned())
}

/// What holds for each of them. `fail` is a line that ends with 3.
async fn marks_its_commands(shell: &str, command: &[&str], fail: &str) {
    let mut marked = Marked::begin(command, &eval(shell)).await;
    assert_eq!(marked.run("echo o''ne").await, ran("one\r\n", "0"));
    assert_eq!(marked.run("false").await, ran("", "1"));
    assert_eq!(marked.run(fail).await, ran("", "3"));
    // Its output ends where it ends, with or without a newline.
    assert_eq!(marked.run("printf part''ial").await, ran("partial", "0"));
    assert_eq!(
        marked.run("printf '1\\n2\\n'").await,
        ran("1\r\n2\r\n", "0")
    );
    // A line with nothing in it runs nothing.
    marked.start = marked.viewer.seen.out.bytes.len();
    marked.viewer.type_text("\n").await;
    let seen = marked.prompts(1).await;
    assert!(seen.iter().all(|piece| piece.mark != "C"), "{seen:?}");
    // Read a second time it does nothing more.
    let (_, status) = marked.run(&eval(shell)).await;
    assert_eq!(status, "0");
    assert_eq!(marked.run("echo tw''o").await, ran("two\r\n", "0"));
    // The folder is told when it changes, in a form that any name fits in.
    marked.run("mkdir \"$HOME/a ü;%\"").await;
    let start = marked.viewer.seen.out.bytes.len();
    marked.run("cd \"$HOME/a ü;%\"").await;
    let told = String::from_utf8_lossy(&marked.viewer.seen.out.bytes[start..]).into_owned();
    let home = marked.server.home.path().display();
    let folder = format!("\x1b]7;file://{home}/a%20%C3%BC%3B%25\x07");
    assert!(told.contains(&folder), "{told:?}");
}

#[tokio::test]
async fn bash_marks_its_commands() {
    marks_its_commands("bash", &["bash", "--norc", "--noprofile"], "(exit 3)").await;
}

#[tokio::test]
async fn zsh_marks_its_commands() {
    marks_its_commands("zsh", &["zsh", "-f"], "(exit 3)").await;
}

#[tokio::test]
async fn fish_marks_its_commands() {
    marks_its_commands("fish", &["fish", "--no-config"], "sh -c 'exit 3'").await;
}

/// What a person set up for their prompt goes on: commands before it, the status they see, an array.
#[tokio::test]
async fn bash_keeps_the_prompt_that_a_person_made() {
    for before in [
        "PROMPT_COMMAND='seen=$?; PS1=\"[$seen] \"'",
        "PROMPT_COMMAND=('seen=$?' 'PS1=\"[$seen] \"')",
    ] {
        let mut marked = Marked::begin(
            &["bash", "--norc", "--noprofile"],
            &format!("{before}; {}", eval("bash")),
        )
        .await;
        for (line, status) in [("(exit 4)", "4"), ("true", "0")] {
            assert_eq!(marked.run(line).await, ran("", status));
            let start = marked.start;
            let seen = read(&marked.viewer.seen.out.bytes[start..]);
            let prompt = seen
                .iter()
                .rfind(|piece| piece.mark == "B")
                .expect("a prompt");
            assert_eq!(prompt.text, format!("[{status}] "), "{before}");
        }
    }
}

#[test]
fn what_is_not_a_person_at_a_prompt_is_left_alone() {
    let awp = env!("CARGO_BIN_EXE_awp");
    for (shell, read) in [
        (
            "bash",
            format!("eval \"$({awp} shell-integration bash)\"; set | grep -c ^__awp"),
        ),
        (
            "zsh",
            format!("eval \"$({awp} shell-integration zsh)\"; set | grep -c ^__awp"),
        ),
        (
            "fish",
            format!("{awp} shell-integration fish | source; set | grep -c ^__awp"),
        ),
    ] {
        let output = Command::new(shell)
            .args(["-c", &read])
            .env_remove("PROMPT_COMMAND")
            .output();
        let output = output.expect("the shell starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said.trim(), "0", "{shell}: {output:?}");
    }
}
