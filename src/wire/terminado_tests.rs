use super::*;

const FIRST: ProcessId = ProcessId(1);
const TTY: Lane = Lane {
    process: FIRST,
    channel: Channel::Tty,
};

fn said(text: &str) -> Result<Option<ClientEvent>, Refusal> {
    Terminado::new(FIRST).decode(Message::Text(text.to_owned()))
}

fn text(message: Option<Message>) -> Option<String> {
    message.map(|message| match message {
        Message::Text(text) => text,
        Message::Binary(bytes) => panic!("no text: {bytes:?}"),
    })
}

#[test]
fn arrays_are_read() {
    let input = ClientEvent::Input {
        process: FIRST,
        seq: None,
        bytes: Bytes::from_static(b"ls\r"),
    };
    assert_eq!(said(r#"["stdin","ls\r"]"#), Ok(Some(input)));
    let resize = ClientEvent::Resize {
        process: Some(FIRST),
        size: Size { cols: 80, rows: 24 },
    };
    assert_eq!(said(r#"["set_size",24,80]"#), Ok(Some(resize.clone())));
    assert_eq!(said(r#"["set_size",24,80,600.5,800]"#), Ok(Some(resize)));
}

#[test]
fn what_it_does_not_have_is_named_and_changes_nothing() {
    for (bad, code) in [
        ("", "bad_message"),
        ("[", "bad_message"),
        ("{}", "bad_message"),
        ("[]", "bad_message"),
        (r#"["stdin"]"#, "bad_message"),
        (r#"["stdin",1]"#, "bad_message"),
        (r#"["set_size",-1,80]"#, "bad_message"),
        (r#"["set_size",24]"#, "bad_message"),
        (r#"["dance"]"#, "unknown_type"),
    ] {
        let refusal = said(bad).expect_err("refused");
        assert_eq!((refusal.code, refusal.close), (code, None), "{bad}");
    }
}

#[test]
fn a_character_that_is_cut_waits_for_its_end() {
    let mut terminado = Terminado::new(FIRST);
    let mut shown =
        |bytes: &'static [u8]| text(terminado.output(TTY, 0, 0, Bytes::from_static(bytes)));
    assert_eq!(shown(b"a\xe2\x82").as_deref(), Some(r#"["stdout","a"]"#));
    assert_eq!(shown(b"\xac").as_deref(), Some(r#"["stdout","€"]"#));
    assert_eq!(shown(b"\xf0"), None);
    assert_eq!(shown(b"\x9f\x98").as_deref(), None);
    assert_eq!(shown(b"\x80!").as_deref(), Some(r#"["stdout","😀!"]"#));
    assert_eq!(
        shown(b"\xff\xe2x").as_deref(),
        Some("[\"stdout\",\"\u{fffd}\u{fffd}x\"]")
    );
}

#[test]
fn the_end_is_told() {
    let mut terminado = Terminado::new(FIRST);
    let exited = ServerEvent::Exited {
        process: FIRST,
        status: crate::model::process::ExitStatus::Code(3),
    };
    let told = text(terminado.event(&exited));
    assert_eq!(told.as_deref(), Some(r#"["disconnect",1]"#));
}
