//! An app behind a login program, for the tests that go through it and those that try to get past.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::seen::Seen;
use super::slot::{Slot, variable};
use super::{Dialect, Server, Viewer, until};

/// What the login program says on the terminal, and nobody else may ever see.
pub const SECRET: &str = "what-the-login-shows";

/// A server with one app behind a login program, a shell script each.
pub async fn server(mode: &str, login: &str, app: &str) -> (Server, TempDir) {
    timed(mode, login, app, "60s").await
}

pub async fn timed(mode: &str, login: &str, app: &str, timeout: &str) -> (Server, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let awp = env!("CARGO_BIN_EXE_awp");
    let path = folder.path().display();
    let config = format!(
        "[app.orders]\ncommand = ['sh', '-c', '''{app}''']\nmode = '{mode}'\nlogin = 'door'\n\
         [app.orders.env]\nAWP = '{awp}'\nFOLDER = '{path}'\n\
         [login.door]\ncommand = ['sh', '-c', '''{login}''']\ntimeout = '{timeout}'\n\
         [login.door.env]\nAWP = '{awp}'\nFOLDER = '{path}'\nSECRET = '{SECRET}'\n"
    );
    let file = folder.path().join("awp.toml");
    std::fs::write(&file, config).expect("written");
    let file = file.to_str().expect("UTF-8");
    let server = Server::start(&["--config", file], &["cat"]).await;
    (server, folder)
}

pub async fn open(server: &Server) -> Viewer {
    Viewer::open(server, Dialect::Json, "/ws/orders").await
}

/// What a viewer was shown, snapshots included.
pub fn shown(seen: &Seen) -> String {
    let snapshots = seen.all("snapshot").into_iter();
    let decoded = snapshots.filter_map(|told| BASE64.decode(told["payload"].as_str()?).ok());
    let texts = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    texts.chain([seen.out.text()]).collect()
}

/// The audit lines of this event.
pub async fn audited(server: &Server, event: &str) -> Vec<String> {
    let event = format!("event=\"{event}\"");
    until(&event.clone(), || {
        let log = server.log();
        let lines: Vec<_> = log
            .lines()
            .filter(|line| line.contains(" audit: ") && line.contains(&event))
            .map(str::to_owned)
            .collect();
        if lines.is_empty() {
            Err(log)
        } else {
            Ok(lines)
        }
    })
    .await
}

/// The login program, seen from outside: it has written its process id into a file.
pub async fn login_slot(folder: &TempDir) -> (u32, Slot) {
    let file = folder.path().join("pid");
    let pid: u32 = until("the login program", || {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        text.strip_suffix('\n')
            .and_then(|pid| pid.parse().ok())
            .ok_or(text)
    })
    .await;
    let path = variable(pid, "AWP_SOCKET").await.expect("a control socket");
    (pid, Slot::open(&PathBuf::from(path)).await)
}

/// Waits for its process id to be known, then for a line, then does what the line says.
pub const WAITS: &str = r#"echo $$ > $FOLDER/pid.new; mv $FOLDER/pid.new $FOLDER/pid
    read -r line; eval "$line""#;

pub const ASKS: &str = r#"printf "$SECRET user: "; read -r user; echo "$SECRET hello $user"
    $AWP session grant --subject "$user" --name "Alice B." --claims "{\"groups\":[\"sales\"]}" --acr pwd --ttl 1h"#;

pub const GREETS: &str =
    r#"echo "app of $AWP_USER $REMOTE_USER $AWP_ROLE $AWP_CLAIMS"; $AWP session validate; cat"#;

pub async fn login_told(viewer: &mut Viewer) -> Value {
    viewer
        .until("the end of the login", |seen| !seen.all("login").is_empty())
        .await;
    viewer.seen.all("login")[0].clone()
}

/// The session is over, and nobody was let in.
pub async fn denied(server: &Server, viewer: &mut Viewer) {
    viewer.until("the end", |seen| seen.over).await;
    let told = viewer.seen.all("login");
    assert_eq!(
        told,
        [&json!({"type": "login", "state": "denied"})],
        "{:?}",
        viewer.seen
    );
    assert!(!viewer.seen.out.contains("app of"), "{:?}", viewer.seen);
    until("the end of the session", || {
        let left = server.descendants();
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("{left:?}"))
        }
    })
    .await;
    let listed = server.call("GET /api/v1/sessions", None).await.json();
    assert_eq!(listed, json!([]));
}
