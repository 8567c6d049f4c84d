//! The dialects of other people's clients, over the built binary: what each can say, what it is
//! told, and that a message it does not have changes nothing.

#[path = "dialects/client.rs"]
mod client;
mod harness;
#[path = "dialects/lines.rs"]
mod lines;

use client::{Client, arrays, channel};
use harness::server::TOKEN;
use harness::viewer::connect;
use harness::{Server, until, within};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

const OPENING: &str = r#"{"AuthToken":"","columns":90,"rows":30}"#;

#[tokio::test]
async fn tty_opens_with_a_size_types_resizes_and_tells_the_end() {
    let server = Server::shell("stty size; read a; stty size; echo got $a; exit 3").await;
    let mut client = Client::open(&server, Some("tty"), "/ws").await;
    client.text(OPENING).await;
    client
        .until("the first size", |heard| {
            channel(heard, b'0').contains("30 90")
        })
        .await;
    assert_eq!(channel(&client.heard, b'1'), "sh");
    assert_eq!(channel(&client.heard, b'2'), "{}");
    client.say(r#"1{"columns":100,"rows":40}"#).await;
    let id = server.call("GET /api/v1/sessions", None).await.json()[0]["id"].clone();
    let id = id.as_str().expect("an id").to_owned();
    let wanted = json!({"cols": 100, "rows": 40});
    within("the new size", async {
        while server.session(&id).await.json()["size"] != wanted {}
    })
    .await;
    client.say("0hello\r").await;
    assert_eq!(client.close().await, Some(1011), "status 3");
    let output = channel(&client.heard, b'0');
    assert!(
        output.contains("40 100") && output.contains("got hello"),
        "{output}"
    );
}

#[tokio::test]
async fn tty_closes_with_1000_after_status_0() {
    let server = Server::shell("echo done").await;
    let mut client = Client::open(&server, Some("tty"), "/ws").await;
    client.say(OPENING).await;
    assert_eq!(client.close().await, Some(1000));
    assert!(channel(&client.heard, b'0').contains("done"));
}

#[tokio::test]
async fn tty_pauses_output_and_the_process_with_it() {
    let server = Server::shell(
        "stty -echo; read a; head -c 8000000 /dev/zero | tr '\\0' x; echo END; read b",
    )
    .await;
    let mut client = Client::open(&server, Some("tty"), "/ws").await;
    client.say(OPENING).await;
    client
        .until("the opening", |heard| channel(heard, b'2') == "{}")
        .await;
    client.say("2").await;
    client.say("0go\r").await;
    // What the server says of itself is not output, so it passes; it is the answer to this.
    client.say("?").await;
    client
        .until("an answer", |heard| !channel(heard, b'!').is_empty())
        .await;
    assert_eq!(
        channel(&client.heard, b'0').matches('x').count(),
        0,
        "paused"
    );
    client.say("3").await;
    client.until("all of it", |heard| {
        matches!(heard.last(), Some(Message::Binary(last)) if last.ends_with(b"END\r\n"))
    }).await;
    assert_eq!(channel(&client.heard, b'0').matches('x').count(), 8_000_000);
}

#[tokio::test]
async fn a_token_in_the_first_message_of_tty_is_a_credential_and_a_wrong_one_is_not() {
    let server = Server::shell("echo in; read a").await;
    let tty = [("sec-websocket-protocol", "tty")];
    for (token, path) in [("wrong", "/ws"), ("", "/ws"), ("wrong", "/ws/nosuchapp")] {
        let socket = connect(&server, path, &tty).await.expect("a socket");
        let mut client = Client::over(socket);
        client
            .text(&json!({"AuthToken": token, "columns": 80, "rows": 24}).to_string())
            .await;
        assert_eq!(client.close().await, Some(4401), "{token:?} {path}");
        assert_eq!(client.heard, [], "{token:?} {path}: nothing is told");
    }
    assert_eq!(
        server.call("GET /api/v1/sessions", None).await.json(),
        json!([])
    );
    let both = [("sec-websocket-protocol", "awp.json, tty")];
    let refused = connect(&server, "/ws", &both)
        .await
        .expect_err("another dialect");
    assert_eq!(refused.status(), 401);
    let wrong = [
        ("sec-websocket-protocol", "tty"),
        ("authorization", "Bearer wrong"),
    ];
    let refused = connect(&server, "/ws", &wrong)
        .await
        .expect_err("a wrong bearer");
    assert_eq!(refused.status(), 401);
    let foreign = [
        ("sec-websocket-protocol", "tty"),
        ("origin", "http://evil.example"),
    ];
    let refused = connect(&server, "/ws", &foreign)
        .await
        .expect_err("another page");
    assert_eq!(refused.status(), 403);
    let socket = connect(&server, "/ws", &tty).await.expect("a socket");
    let mut client = Client::over(socket);
    client
        .text(&json!({"AuthToken": TOKEN, "columns": 80, "rows": 24}).to_string())
        .await;
    client
        .until("output", |heard| channel(heard, b'0').contains("in"))
        .await;
}

#[tokio::test]
async fn only_so_many_sockets_wait_for_a_token() {
    let server = Server::shell("read a").await;
    let tty = [("sec-websocket-protocol", "tty")];
    let mut open = Vec::new();
    let refused = loop {
        match connect(&server, "/ws", &tty).await {
            Ok(socket) => open.push(socket),
            Err(refused) => break refused,
        }
        assert!(open.len() <= 8, "no bound");
    };
    assert_eq!(refused.status(), 429);
    // Whoever shows a credential at once is not kept out by them.
    let mut client = Client::open(&server, Some("tty"), "/ws").await;
    client.text(OPENING).await;
    client
        .until("the opening", |heard| channel(heard, b'2') == "{}")
        .await;
}

#[tokio::test]
async fn kubernetes_channels_half_close_and_status() {
    let line = "cat; echo err >&2; exit 7";
    let server = Server::pipe(&["sh", "-c", line]).await;
    let mut client =
        Client::open(&server, Some("v5.channel.k8s.io, v4.channel.k8s.io"), "/ws").await;
    client.say(b"\x00some bytes\n").await;
    client
        .until("the echo", |heard| channel(heard, 1).contains("some bytes"))
        .await;
    client.say(b"\xff\x00").await;
    assert_eq!(client.close().await, Some(1000));
    assert_eq!(channel(&client.heard, 2), "err\n");
    let status: Value = serde_json::from_str(&channel(&client.heard, 3)).expect("a status");
    assert_eq!(status["reason"], "NonZeroExitCode");
    assert_eq!(
        status["details"]["causes"][0],
        json!({"reason": "ExitCode", "message": "7"})
    );
}

#[tokio::test]
async fn output_that_a_dialect_does_not_show_does_not_stop_it() {
    let flood = "head -c 2000000 /dev/zero >&2; echo shown";
    for mode in ["pipe", "lines"] {
        let server = Server::start(&["--mode", mode], &["sh", "-c", flood]).await;
        let mut client = Client::open(&server, Some("raw"), "/ws").await;
        assert_eq!(client.close().await, Some(1000), "{mode}");
        assert_eq!(client.heard.len(), 1, "{mode}: {:?}", client.heard);
    }
}

#[tokio::test]
async fn kubernetes_on_a_terminal_resizes() {
    let server = Server::shell("read a; stty size").await;
    let mut client = Client::open(&server, Some("v4.channel.k8s.io"), "/ws").await;
    client.say(b"\x04{\"Width\":100,\"Height\":40}").await;
    client.say(b"\x00\r").await;
    assert_eq!(client.close().await, Some(1000));
    assert!(
        channel(&client.heard, 1).contains("40 100"),
        "{:?}",
        client.heard
    );
    let status: Value = serde_json::from_str(&channel(&client.heard, 3)).expect("a status");
    assert_eq!(status["status"], "Success");
}

#[tokio::test]
async fn a_terminado_path_is_a_terminal_of_that_name() {
    let server = Server::shell("cat; echo over").await;
    let path = "/terminals/websocket/7";
    let mut one = Client::open(&server, None, path).await;
    one.text(r#"["set_size",30,90]"#).await;
    one.text(r#"["stdin","first\r"]"#).await;
    one.until("an echo", |heard| arrays(heard, "stdout").contains("first"))
        .await;
    assert_eq!(one.heard[0], Message::text(r#"["setup",{}]"#));
    let mut other = Client::open(&server, None, path).await;
    other
        .until("what is shown", |heard| {
            arrays(heard, "stdout").contains("first")
        })
        .await;
    let list = server.call("GET /api/v1/sessions", None).await.json();
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(list[0]["name"], "7");
    other.text(r#"["stdin","\u0004"]"#).await;
    for client in [&mut one, &mut other] {
        assert_eq!(client.close().await, Some(1000));
        let farewell = client.heard.last().cloned();
        assert_eq!(farewell, Some(Message::text(r#"["disconnect",1]"#)));
        assert!(arrays(&client.heard, "stdout").contains("over"));
    }
    let mut third = Client::open(&server, None, "/terminals/websocket/8").await;
    third.until("the setup", |heard| !heard.is_empty()).await;
    let list = server.call("GET /api/v1/sessions", None).await.json();
    assert!(
        list.as_array()
            .expect("a list")
            .iter()
            .any(|one| one["name"] == "8"),
        "{list}"
    );
}

/// A dialect, what it does not have, how it says so, and what is input in it.
struct Case {
    subprotocol: Option<&'static str>,
    path: &'static str,
    options: &'static [&'static str],
    opening: Option<&'static str>,
    bad: &'static [&'static [u8]],
    errors: fn(&[Message]) -> Vec<String>,
    input: &'static [u8],
    output: fn(&[Message]) -> String,
}

fn codes(texts: impl Iterator<Item = Value>, at: &str) -> Vec<String> {
    let codes = texts.filter_map(|text| text.pointer(at)?.as_str().map(str::to_owned));
    codes.collect()
}

fn binaries(heard: &[Message], kind: u8) -> impl Iterator<Item = Value> {
    heard.iter().filter_map(move |message| match message {
        Message::Binary(bytes) => serde_json::from_slice(bytes.strip_prefix(&[kind])?).ok(),
        _ => None,
    })
}

fn texts(heard: &[Message]) -> impl Iterator<Item = Value> {
    heard.iter().filter_map(|message| match message {
        Message::Text(text) => serde_json::from_str(text).ok(),
        _ => None,
    })
}

const CASES: [Case; 5] = [
    Case {
        subprotocol: Some("tty"),
        path: "/ws",
        options: &[],
        opening: Some(OPENING),
        bad: &[
            b"",
            b"9",
            b"1{",
            b"1{\"columns\":-1,\"rows\":1}",
            b"{\"AuthToken\":1}",
            b"{}",
        ],
        errors: |heard| codes(binaries(heard, b'!'), "/code"),
        input: b"0still here\r",
        output: |heard| channel(heard, b'0'),
    },
    Case {
        subprotocol: Some("v5.channel.k8s.io"),
        path: "/ws",
        options: &["--mode", "pipe"],
        opening: None,
        bad: &[
            b"",
            b"\x01x",
            b"\x09x",
            b"\xff",
            b"\xff\x09",
            b"\x04{",
            b"\x04[]",
        ],
        errors: |heard| codes(binaries(heard, 3), "/reason"),
        input: b"\x00still here\n",
        output: |heard| channel(heard, 1),
    },
    Case {
        subprotocol: None,
        path: "/terminals/websocket/bad",
        options: &[],
        opening: None,
        bad: &[
            b"",
            b"[",
            b"{}",
            b"[\"stdin\"]",
            b"[\"set_size\",1.5,2]",
            b"[\"dance\"]",
            b"\xff",
        ],
        errors: |heard| codes(texts(heard), "/1/code"),
        input: b"[\"stdin\",\"still here\\r\"]",
        output: |heard| arrays(heard, "stdout"),
    },
    Case {
        subprotocol: Some("awp.json"),
        path: "/ws",
        options: &["--mode", "pipe"],
        opening: None,
        bad: &[
            b"{}",
            b"[",
            b"{\"type\":\"dance\"}",
            b"{\"type\":\"stdin\",\"payload\":\"!\"}",
        ],
        errors: |heard| codes(texts(heard), "/code"),
        input: b"{\"type\":\"stdin\",\"text\":\"still here\\n\"}",
        output: |heard| {
            use base64::Engine as _;
            let base64 = &base64::engine::general_purpose::STANDARD;
            let payloads = codes(texts(heard), "/payload").into_iter();
            let bytes = payloads.map(|payload| base64.decode(payload).expect("base64"));
            String::from_utf8_lossy(&bytes.collect::<Vec<_>>().concat()).into_owned()
        },
    },
    Case {
        subprotocol: None,
        path: "/ws",
        options: &["--mode", "json"],
        opening: None,
        bad: &[b"", b"{", b"still", b"1\n{"],
        errors: |heard| codes(texts(heard), "/error/code"),
        input: b"\"still here\"",
        output: |heard| format!("{heard:?}"),
    },
];

#[tokio::test]
async fn bad_messages_are_named_and_the_process_lives_on() {
    for case in CASES {
        let server = Server::start(case.options, &["cat"]).await;
        let mut client = Client::open(&server, case.subprotocol, case.path).await;
        if let Some(opening) = case.opening {
            client.text(opening).await;
        }
        for (before, bad) in case.bad.iter().enumerate() {
            match std::str::from_utf8(bad) {
                Ok(text) => client.text(text).await,
                Err(_) => client.say(*bad).await,
            }
            let errors = case.errors;
            client
                .until(&format!("{bad:?}"), |heard| errors(heard).len() > before)
                .await;
        }
        match std::str::from_utf8(case.input) {
            Ok(text) => client.text(text).await,
            Err(_) => client.say(case.input).await,
        }
        let output = case.output;
        client
            .until("the echo", |heard| output(heard).contains("still here"))
            .await;
        let list = server.call("GET /api/v1/sessions", None).await.json();
        assert_eq!(list[0]["processes"][0]["exit"], Value::Null, "{list}");
        assert_eq!(list[0]["state"], "running", "{list}");
    }
}

#[tokio::test]
async fn unknown_subprotocols_are_refused_and_named() {
    let server = Server::shell("read a").await;
    let bearer = format!("Bearer {TOKEN}");
    for name in [
        "chat",
        "TTY",
        "v3.channel.k8s.io",
        "channel.k8s.io",
        "base64.channel.k8s.io",
    ] {
        let headers = [
            ("authorization", bearer.as_str()),
            ("sec-websocket-protocol", name),
        ];
        let refused = connect(&server, "/ws", &headers).await.expect_err(name);
        assert_eq!(refused.status(), 400, "{name}");
    }
    assert_eq!(
        server.call("GET /api/v1/sessions", None).await.json(),
        json!([])
    );
    assert_eq!(server.descendants(), []);
}

#[tokio::test]
async fn a_watcher_types_nothing_in_any_dialect() {
    let server = Server::start(&["--mode", "pipe"], &["cat"]).await;
    let id = server.create(json!({})).await;
    let path = format!("/ws?session={id}&role=watch");
    // All stay: the session ends when its last viewer leaves.
    let mut watching = Vec::new();
    for (subprotocol, opening, input, errors) in [
        ("tty", Some(OPENING), &b"0no\n"[..], CASES[0].errors),
        ("v5.channel.k8s.io", None, b"\x00no\n", CASES[1].errors),
        ("awp.json", None, CASES[3].input, CASES[3].errors),
    ] {
        let mut client = Client::open(&server, Some(subprotocol), &path).await;
        if let Some(opening) = opening {
            client.text(opening).await;
        }
        client.text(std::str::from_utf8(input).expect("text")).await;
        client
            .until("the refusal", |heard| errors(heard) == ["not_allowed"])
            .await;
        watching.push(client);
    }
    let alive = until("the process", || {
        Ok::<_, String>(server.descendants().len())
    })
    .await;
    assert_eq!(alive, 1);
}
