use super::*;
use crate::model::mode::Mode;
use crate::wire::message::ProcessInfo;

const FIRST: ProcessId = ProcessId(1);

fn said(message: &str) -> Result<Option<ClientEvent>, Refusal> {
    Tty::new(FIRST).decode(Message::Binary(Bytes::copy_from_slice(message.as_bytes())))
}

fn bytes(message: Option<Message>) -> Bytes {
    message.expect("a message").into_bytes()
}

fn resize(cols: u16, rows: u16) -> ClientEvent {
    ClientEvent::Resize {
        process: Some(FIRST),
        size: Size { cols, rows },
    }
}

#[test]
fn each_kind_of_a_clients_message_is_read() {
    let input = ClientEvent::Input {
        process: FIRST,
        seq: None,
        bytes: Bytes::from_static(b"1ls\r"),
    };
    assert_eq!(said("01ls\r"), Ok(Some(input)));
    assert_eq!(
        said(r#"1{"columns":120,"rows":40}"#),
        Ok(Some(resize(120, 40)))
    );
    assert_eq!(said("2"), Ok(Some(ClientEvent::Flow { paused: true })));
    assert_eq!(said("3"), Ok(Some(ClientEvent::Flow { paused: false })));
    let opening = said(r#"{"AuthToken":"secret","columns":120,"rows":40}"#);
    let Ok(Some(ClientEvent::Hello(hello))) = opening else {
        panic!("{opening:?}");
    };
    assert_eq!(hello.page_key.as_deref(), Some("secret"));
    let size = Size {
        cols: 120,
        rows: 40,
    };
    assert_eq!(hello.size, Some(size));
}

#[test]
fn what_it_does_not_have_is_named_and_changes_nothing() {
    let code = |message| {
        let refusal = said(message).expect_err("refused");
        assert_eq!(refusal.close, None, "{message}");
        refusal.code
    };
    assert_eq!(code(""), "bad_message");
    assert_eq!(code("4"), "unknown_type");
    assert_eq!(code("1{"), "bad_message");
    assert_eq!(code(r#"1{"columns":-1,"rows":2}"#), "bad_message");
    assert_eq!(code(r#"{"AuthToken":3}"#), "bad_message");
}

#[test]
fn it_opens_with_title_and_preferences_and_output_has_its_kind() {
    let mut tty = Tty::new(FIRST);
    let info = ProcessInfo {
        process: FIRST,
        mode: Mode::Pty,
        title: "bash".to_owned(),
        size: Size::DEFAULT,
        exit: None,
        input: 0,
    };
    let welcome = ServerEvent::Welcome {
        session: crate::model::id::SessionId::from_entropy(
            [0; crate::model::id::SESSION_ID_ENTROPY],
        ),
        name: None,
        role: crate::model::access::Role::Owner,
        processes: vec![info],
    };
    assert_eq!(&bytes(tty.event(&welcome))[..], b"1bash");
    assert_eq!(&bytes(tty.more())[..], b"2{}");
    assert!(tty.more().is_none());
    let lane = Lane {
        process: FIRST,
        channel: Channel::Tty,
    };
    let mut begun = BytesMut::new();
    tty.begin_output(&mut begun, lane, 0);
    // A question that the server answers is taken out.
    begun.extend_from_slice(b"a\x1b[cb");
    assert_eq!(&bytes(tty.output(lane, 0, 0, begun.freeze()))[..], b"0ab");
}

#[test]
fn the_close_tells_success_from_failure() {
    for (status, code) in [
        (ExitStatus::Code(0), CloseCode::Ended),
        (ExitStatus::Code(3), CloseCode::Failed),
        (ExitStatus::Signal("KILL".into()), CloseCode::Failed),
    ] {
        let mut tty = Tty::new(FIRST);
        let process = FIRST;
        assert!(
            tty.event(&ServerEvent::Exited { process, status })
                .is_none()
        );
        assert_eq!(tty.farewell(), code);
    }
}
