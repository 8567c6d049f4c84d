//! What an address and the headers of a request can do to the program that is started: nothing.

use std::fmt::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::child::first_process;
use crate::harness::server::TOKEN;
use crate::harness::viewer::connect;
use crate::harness::{Dialect, Server, Viewer, within};

/// Tells its arguments, what came of the address, and its whole environment.
const TELLS: &str =
    r#"for a in "$0" "$@"; do echo "arg<$a>"; done; echo "lang<$AWP_QUERY_LANG>"; env; echo over"#;

#[tokio::test]
async fn c48_c49_c50_an_address_and_headers_choose_nothing_but_what_the_app_asks_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let canary = folder.path().join("canary");
    let file = folder.path().join("awp.toml");
    let config = format!(
        "[app.a]\ncommand = [\"sh\", \"-c\", '''{TELLS}''', \"zero\", \"one\"]\nmode = \"pipe\"\nquery = [\"lang\"]\n"
    );
    std::fs::write(&file, config).expect("written");
    let file = file.display().to_string();
    let server = Server::start(&["--config", &file], &["cat"]).await;
    let touch = canary.display();
    for hostile in [
        "-oProxyCommand=x".to_owned(),
        format!("; touch {touch}"),
        format!("$(touch {touch})"),
        format!("`touch {touch}`"),
        format!("a\ntouch {touch}"),
        "%n%s".to_owned(),
    ] {
        let mut encoded = String::new();
        for byte in hostile.bytes() {
            write!(encoded, "%{byte:02X}").expect("a string grows");
        }
        let path = format!(
            "/ws/a?lang={encoded}&command=id&arg=id&args=id&argv=id&env=X%3D1&cwd=%2F&user=root\
             &PATH=%2Fevil&LD_PRELOAD=%2Fevil.so&BASH_ENV=%2Fevil"
        );
        let bearer = format!("Bearer {TOKEN}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("sec-websocket-protocol", "awp.json"),
            ("referer", "http://x/?arg=id&command=id"),
            ("x-forwarded-user", "evil-header-value"),
            ("ld-preload", "/evil.so"),
            ("proxy", "http://evil.example"),
        ];
        let socket = connect(&server, &path, &headers).await.expect("a socket");
        let mut viewer = Viewer::over(socket, Dialect::Json);
        viewer.until_text(0, "over\n").await;
        let text = viewer.seen.out.text();
        let arguments: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("arg<"))
            .collect();
        assert_eq!(arguments, ["arg<zero>", "arg<one>"], "{text}");
        assert!(text.contains(&format!("lang<{hostile}>")), "{text}");
        for name in ["LD_PRELOAD", "BASH_ENV", "IFS", "HTTP_PROXY", "X"] {
            let set = text
                .lines()
                .any(|line| line.starts_with(&format!("{name}=")));
            assert!(!set, "{name}: {text}");
        }
        assert!(!text.contains("PATH=/evil"), "{text}");
        assert!(!text.contains(TOKEN), "a secret: {text}");
    }
    assert!(!canary.exists());
}

#[tokio::test]
async fn c70_http_2_is_not_spoken() {
    let server = Server::shell("read a").await;
    let mut stream = TcpStream::connect(server.address).await.expect("a server");
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    stream.write_all(preface).await.expect("taken");
    let mut came = Vec::new();
    let _ = within("the end", stream.read_to_end(&mut came)).await;
    assert!(
        came.is_empty() || came.starts_with(b"HTTP/1.1 4"),
        "{came:?}"
    );
    let upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n";
    let answer = server.send("GET /healthz", upgrade, "").await;
    assert_ne!(answer.status, 101, "{answer:?}");
}

/// Looked at as often as viewers come and go.
#[tokio::test]
async fn c74_a_terminal_is_its_users_alone_whoever_attaches() {
    let server = Server::shell("read a").await;
    let id = server.create(json!({})).await;
    let pid = first_process(&server, &id).await;
    let terminal = std::fs::read_link(format!("/proc/{pid}/fd/0")).expect("a terminal");
    let look = || {
        let about = std::fs::metadata(&terminal).expect("a terminal");
        let mode = about.permissions().mode() & 0o777;
        assert_eq!(mode & !0o620, 0, "{mode:o}");
        assert_eq!(about.uid(), rustix::process::geteuid().as_raw());
    };
    for _ in 0..20 {
        let path = format!("/ws?session={id}");
        let mut viewer = Viewer::open(&server, Dialect::Json, &path).await;
        for _ in 0..500 {
            look();
        }
        viewer.id().await;
    }
}
