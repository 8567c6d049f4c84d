//! Programs ask their terminal, and the server answers: once, whoever watches, and never because
//! somebody comes to watch.

mod harness;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use awp_server::wire::frame::Frame;
use harness::server::TOKEN;
use harness::viewer::TTY;
use harness::{Dialect, Server, Viewer, until, within};
use serde_json::json;
use tokio::time::interval;

/// How often what a terminal shows is asked for.
const LOOK: Duration = Duration::from_millis(20);

/// Viewers at the same time.
const CROWDS: [usize; 3] = [0, 1, 3];

/// What is typed in the end: whatever came before it in a program's input was an answer.
const LAST: &str = "<the last>";

/// A shell's line that lets a program begin when a key is pressed, so that everybody is there.
const GATE: &str = "stty raw -echo; head -c 1 >/dev/null; ";

/// Asks for attributes, status, cursor, modes, a setting, the version, colours, a size.
const QUESTIONS: &str = "\x1b[c\x1b[>c\x1b[=c\x1b[5n\x1b[3;7H\x1b[6n\x1b[?6n\x1b[?25$p\x1b[?2026$p\x1b[4$p\
    \x1bP$qm\x1b\\\x1b[>q\x1b]10;?\x07\x1b]11;?\x1b\\\x1b]4;1;?\x07\x1b[18t\x1bZ";

/// A session whose program was not let in yet, and those who watch it.
struct Scene {
    server: Server,
    id: String,
    crowd: Vec<Viewer>,
}

impl Scene {
    /// A session that runs this line of the shell once it is let in; `file` is the path of a file
    /// that it may use, as its first argument.
    async fn set(line: &str, viewers: usize) -> Self {
        let server = Server::start(&[], &["sleep", "1000"]).await;
        let line = format!("{GATE}{line}");
        let file = server.home.path().join("file");
        let file = file.to_str().expect("a plain path");
        let body = json!({"command": ["sh", "-c", line, "sh", file], "cols": 80, "rows": 24});
        let id = server.create(body).await;
        let mut scene = Self {
            server,
            id,
            crowd: Vec::new(),
        };
        for _ in 0..viewers {
            let viewer = scene.viewer(Dialect::V1, "").await;
            scene.crowd.push(viewer);
        }
        scene
    }

    /// Somebody who comes to watch, and has heard what there is to hear.
    async fn viewer(&self, dialect: Dialect, rest: &str) -> Viewer {
        let path = format!("/ws?session={}{rest}", self.id);
        let mut viewer = Viewer::open(&self.server, dialect, &path).await;
        viewer.id().await;
        viewer
    }

    async fn types(&self, text: &str) {
        let line = format!("POST /api/v1/sessions/{}/input", self.id);
        let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
        let typed = self.server.send(&line, &bearer, text).await;
        assert_eq!(typed.status, 204, "{typed:?}");
    }

    fn file(&self) -> PathBuf {
        self.server.home.path().join("file")
    }

    /// Waits until the file is so.
    async fn file_has(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        until(what, || {
            let bytes = std::fs::read(self.file()).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if is_so(&text) {
                Ok(text)
            } else {
                Err(text.escape_debug().to_string())
            }
        })
        .await
    }

    /// Waits until the screen is so.
    async fn shows(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        let line = format!("GET /api/v1/sessions/{}/screen", self.id);
        let looking = async {
            let mut ticks = interval(LOOK);
            loop {
                ticks.tick().await;
                let screen = self.server.call(&line, None).await;
                assert_eq!(screen.status, 200, "{screen:?}");
                if is_so(&screen.body) {
                    return;
                }
            }
        };
        within(what, looking).await;
    }

    /// Lets people come and go in every way there is; none of it may type.
    async fn passers_by(&self) {
        for rest in ["", "&from=0", "&role=watch"] {
            for dialect in [Dialect::V1, Dialect::Json] {
                let mut viewer = self.viewer(dialect, rest).await;
                if dialect == Dialect::V1 {
                    viewer.round_trip().await;
                }
            }
        }
        let mut resumed = Viewer::unopened(&self.server, Dialect::V1, &self.place()).await;
        let from = json!([{"process": 1, "channel": "tty", "offset": 0}]);
        let hello = json!({"type": "hello", "version": 1, "client": "resumed", "from": from});
        resumed.say(hello).await;
        resumed.round_trip().await;
        assert!(resumed.seen.stream(TTY).bytes.contains(&0x1b), "replayed");
        for form in ["text", "ansi", "json"] {
            let line = format!("GET /api/v1/sessions/{}/screen?format={form}", self.id);
            assert_eq!(self.server.call(&line, None).await.status, 200);
        }
    }

    fn place(&self) -> String {
        format!("/ws?session={}", self.id)
    }

    /// Everything that came in on the program's side, once the last of it is there.
    async fn answers(&self) -> String {
        self.types(LAST).await;
        let all = self.file_has("the last", |text| text.ends_with(LAST)).await;
        all.trim_end_matches(LAST).to_owned()
    }
}

/// A program that asks all this at once and keeps what it hears.
async fn asker(questions: &str, viewers: usize) -> Scene {
    let scene = Scene::set("cat \"$1.asks\"; exec cat >\"$1\"", viewers).await;
    let asks = scene.server.home.path().join("file.asks");
    std::fs::write(asks, questions).expect("written");
    scene.types("g").await;
    scene
}

#[tokio::test]
async fn each_question_is_answered_once_however_many_watch() {
    let expected = format!(
        "\x1b[?62;4;22c\x1b[>0;276;0c\x1bP!|00000000\x1b\\\x1b[0n\x1b[3;7R\x1b[?3;7R\x1b[?25;1$y\x1b[?2026;2$y\x1b[4;2$y\
         \x1bP1$r0m\x1b\\\x1bP>|awp({})\x1b\\\x1b]10;rgb:ffff/ffff/ffff\x1b\\\x1b]11;rgb:0000/0000/0000\x1b\\\
         \x1b]4;1;rgb:cdcd/0000/0000\x1b\\\x1b[8;24;80t\x1b[?62;4;22c",
        env!("CARGO_PKG_VERSION")
    );
    for viewers in CROWDS {
        let scene = asker(QUESTIONS, viewers).await;
        let complete = |text: &str| text.len() >= expected.len();
        scene.file_has("all answers", complete).await;
        scene.passers_by().await;
        let answers = scene.answers().await;
        assert_eq!(
            answers.escape_debug().to_string(),
            expected.escape_debug().to_string(),
            "{viewers} viewers"
        );
    }
}

/// Colours are those of whoever typed last: they look at what the program draws.
#[tokio::test]
async fn a_program_is_told_the_colours_of_whoever_typed_last() {
    /// How long an answer is, in bytes.
    const ANSWER: usize = "\x1b]11;rgb:0000/0000/0000\x1b\\".len();
    let asks = format!("head -c {ANSWER} >>\"$1\"; head -c 1 >/dev/null");
    let line = format!("while printf '\\033]11;?\\007'; do {asks}; done");
    let mut scene = Scene::set(&line, 0).await;
    scene.types("g").await;
    let mut answered = 1;
    let answers = scene.file_has("black", |text| text.len() == ANSWER).await;
    assert!(answers.contains("rgb:0000/0000/0000"), "{answers:?}");
    for (background, expected) in [
        ("#fbfbf9", "rgb:fbfb/fbfb/f9f9"),
        ("#12161c", "rgb:1212/1616/1c1c"),
    ] {
        let mut viewer = scene.viewer(Dialect::V1, "").await;
        let colors = json!({"foreground": "#808080", "background": background});
        viewer
            .say(json!({"type": "colors", "colors": colors}))
            .await;
        within(expected, async {
            for seq in 0.. {
                let bytes = "g".into();
                let key = Frame::Input {
                    lane: TTY,
                    seq,
                    bytes,
                };
                viewer.frame(&key).await;
                answered += 1;
                let whole = |text: &str| text.len() == answered * ANSWER;
                let answers = scene.file_has("an answer", whole).await;
                if answers.ends_with(&format!("{expected}\x1b\\")) {
                    break;
                }
            }
        })
        .await;
        // It stays, and types no more.
        scene.crowd.push(viewer);
    }
}

#[tokio::test]
async fn a_backlog_of_questions_is_answered_in_order() {
    const COUNT: usize = 100;
    let (mut questions, mut expected) = (String::new(), String::new());
    for number in 0..COUNT {
        let (row, column) = (1 + number % 24, 1 + number % 80);
        write!(questions, "\x1b[{row};{column}H\x1b[6n").expect("a string grows");
        write!(expected, "\x1b[{row};{column}R").expect("a string grows");
    }
    for viewers in CROWDS {
        let scene = asker(&questions, viewers).await;
        let complete = |text: &str| text.matches('R').count() >= COUNT;
        scene.file_has("all answers", complete).await;
        scene.passers_by().await;
        let answers = scene.answers().await;
        assert_eq!(answers, expected, "{viewers} viewers");
    }
}

#[tokio::test]
async fn vim_hears_its_answers_and_types_none_of_them() {
    let line = "stty sane; exec vim -u NONE -i NONE -n '+set nocp ttimeout ttimeoutlen=10' \"$1\"";
    for viewers in CROWDS {
        let scene = Scene::set(line, viewers).await;
        scene.types("g").await;
        scene
            .shows("an empty file", |screen| screen.contains("\n~\n"))
            .await;
        scene.passers_by().await;
        // What it has heard of its terminal's version goes into the file, below what is typed.
        scene.types("ityped\x1b").await;
        scene
            .types(":call append('$', v:termresponse)\r:wq\r")
            .await;
        let text = scene
            .file_has("what was typed", |text| text.ends_with("c\n"))
            .await;
        assert_eq!(text, "typed\n\x1b[>0;276;0c\n", "{viewers} viewers");
    }
}

#[tokio::test]
async fn fish_is_there_at_once_and_no_answer_is_typed_into_it() {
    let line = "stty sane; exec fish --private --no-config \
                --init-command 'function fish_prompt; echo -n ready; end'";
    for viewers in CROWDS {
        let scene = Scene::set(line, viewers).await;
        scene.types("g").await;
        scene
            .shows("a prompt", |screen| screen.trim_end().ends_with("ready"))
            .await;
        scene.passers_by().await;
        let file = scene.file();
        let file = file.to_str().expect("a plain path");
        scene
            .types(&format!("echo a(math 40 + 2)b >{file}\r"))
            .await;
        let text = scene
            .file_has("what was echoed", |text| text.ends_with('\n'))
            .await;
        assert_eq!(text, "a42b\n", "{viewers} viewers");
    }
}

#[tokio::test]
async fn tmux_knows_its_terminal_and_types_no_answer_into_its_panes() {
    let line = "stty sane; exec tmux -u -S \"$1.sock\" -f /dev/null new 'stty raw -echo; exec cat >\"$0\"'";
    let line = line.replace("$0", "$FILE");
    for viewers in CROWDS {
        let line = format!("export FILE=\"$1\"; {line}");
        let scene = Scene::set(&line, viewers).await;
        scene.types("g").await;
        scene
            .shows("a status line", |screen| screen.contains("[0]"))
            .await;
        let socket = scene.server.home.path().join("file.sock");
        let known = until("the name of its terminal", || {
            let mut tmux = std::process::Command::new("tmux");
            tmux.env_clear()
                .env("PATH", "/usr/bin:/bin")
                .arg("-S")
                .arg(&socket);
            let said = tmux
                .args(["list-clients", "-F", "#{client_termtype}"])
                .output();
            let said = String::from_utf8_lossy(&said.expect("tmux runs").stdout).into_owned();
            if said.trim().is_empty() {
                Err(said)
            } else {
                Ok(said)
            }
        });
        let expected = format!("awp({})", env!("CARGO_PKG_VERSION"));
        assert_eq!(known.await.trim(), expected);
        scene
            .file_has("its pane listens", |_| scene.file().exists())
            .await;
        scene.passers_by().await;
        assert_eq!(scene.answers().await, "", "{viewers} viewers");
    }
}
