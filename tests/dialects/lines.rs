//! Lines as messages, of the modes `lines` and `json`.

use tokio_tungstenite::tungstenite::Message;

use super::client::Client;
use super::harness::Server;
use super::{CASES, codes, texts};

#[tokio::test]
async fn lines_are_messages() {
    let line = r#"echo hello; while read -r a; do echo "<$a>"; done; printf '\377\n'; printf last"#;
    let server = Server::start(
        &["--mode", "lines"],
        &["sh", "-c", &format!("{line}; exit 0")],
    )
    .await;
    for subprotocol in [None, Some("raw")] {
        let mut client = Client::open(&server, subprotocol, "/ws").await;
        client.text("one\ntwo").await;
        client.text("").await;
        client.say("three").await;
        client.until("the answers", |heard| heard.len() == 5).await;
        let answers = ["hello", "<one>", "<two>", "<>", "<three>"].map(Message::text);
        assert_eq!(client.heard, answers);
    }
}

#[tokio::test]
async fn a_last_line_without_its_newline_and_bytes_that_are_no_text_are_delivered() {
    let server = Server::start(&["--mode", "lines"], &["printf", "a\\r\\n\\377\\nlast"]).await;
    let mut client = Client::open(&server, None, "/ws").await;
    assert_eq!(client.close().await, Some(1000));
    let expected = [
        Message::text("a"),
        Message::binary(vec![0xff]),
        Message::text("last"),
    ];
    assert_eq!(client.heard, expected);
}

#[tokio::test]
async fn a_line_of_a_mebibyte_passes_and_one_byte_more_is_named_and_1009() {
    for (length, code) in [(1024 * 1024, 1000), (1024 * 1024 + 1, 1009)] {
        let line = format!("echo first; head -c {length} /dev/zero | tr '\\0' x; echo");
        let server = Server::start(&["--mode", "lines"], &["sh", "-c", &line]).await;
        let mut client = Client::open(&server, None, "/ws").await;
        assert_eq!(client.close().await, Some(code), "{length}");
        let passed = 1 + usize::from(code == 1000);
        assert_eq!(client.heard.len(), passed, "{length}");
        let named = client.reason.starts_with("line_too_long: ");
        assert_eq!(named, code == 1009, "{:?}", client.reason);
    }
}

#[tokio::test]
async fn a_mode_of_json_tells_what_the_program_wrote_that_is_none_and_goes_on() {
    let script = "echo '{\"a\":1}'; echo no; printf '\\377\\n'; echo; echo '[2]'; printf '{'";
    let server = Server::start(&["--mode", "json"], &["sh", "-c", script]).await;
    let mut client = Client::open(&server, None, "/ws").await;
    assert_eq!(client.close().await, Some(1000));
    assert_eq!(client.heard[0], Message::text("{\"a\":1}"));
    assert_eq!(client.heard[4], Message::text("[2]"));
    let errors = codes(texts(&client.heard), "/error/code");
    assert_eq!(errors, ["bad_output"; 4]);
    assert_eq!(client.heard.len(), 6);
    // Whoever takes bytes is given all of them.
    let mut client = Client::open(&server, Some("awp.json"), "/ws").await;
    assert_eq!(client.close().await, Some(1000));
    let output = (CASES[3].output)(&client.heard);
    assert_eq!(output, "{\"a\":1}\nno\n\u{fffd}\n\n[2]\n{");
}

#[tokio::test]
async fn a_line_that_is_too_long_is_named_before_the_close_where_there_are_words_for_it() {
    let script = "head -c 1048577 /dev/zero | tr '\\0' 1; echo";
    let server = Server::start(&["--mode", "json"], &["sh", "-c", script]).await;
    let mut client = Client::open(&server, None, "/ws").await;
    assert_eq!(client.close().await, Some(1009));
    let errors = codes(texts(&client.heard), "/error/code");
    assert_eq!(errors, ["line_too_long"]);
}
