use super::*;

const FIRST: ProcessId = ProcessId(1);

fn said(half_closes: bool, bytes: &[u8]) -> Result<Option<ClientEvent>, Refusal> {
    K8s::new(FIRST, half_closes).decode(Message::Binary(Bytes::copy_from_slice(bytes)))
}

fn status(status: ExitStatus) -> (u8, Value) {
    let process = FIRST;
    let told = K8s::new(FIRST, true).event(&ServerEvent::Exited { process, status });
    let bytes = told.expect("a status").into_bytes();
    (bytes[0], serde_json::from_slice(&bytes[1..]).expect("JSON"))
}

#[test]
fn the_first_byte_is_the_channel() {
    let input = |bytes: &'static [u8]| {
        Ok(Some(ClientEvent::Input {
            process: FIRST,
            seq: None,
            bytes: Bytes::from_static(bytes),
        }))
    };
    assert_eq!(said(true, b"\x00ls\n"), input(b"ls\n"));
    assert_eq!(said(true, b"\x00"), Ok(None));
    let text = K8s::new(FIRST, false).decode(Message::Text("\0hé".to_owned()));
    assert_eq!(text, input("hé".as_bytes()));
    let size = Size {
        cols: 120,
        rows: 40,
    };
    let process = Some(FIRST);
    assert_eq!(
        said(false, b"\x04{\"Width\":120,\"Height\":40}"),
        Ok(Some(ClientEvent::Resize { process, size }))
    );
    assert_eq!(
        said(true, b"\xff\x00"),
        Ok(Some(ClientEvent::InputEnd {
            process: FIRST,
            seq: None
        }))
    );
    assert_eq!(said(true, b"\xff\x01"), Ok(None));
}

#[test]
fn what_it_does_not_have_is_named_and_changes_nothing() {
    for (half_closes, bytes, code) in [
        (true, &b""[..], "bad_message"),
        (true, b"\x01x", "unknown_channel"),
        (true, b"\x05x", "unknown_channel"),
        (true, b"\xff", "bad_message"),
        (true, b"\xff\x09", "bad_message"),
        (true, b"\x04{}", "bad_message"),
        (false, b"\xff\x00", "unknown_channel"),
    ] {
        let refusal = said(half_closes, bytes).expect_err("refused");
        assert_eq!((refusal.code, refusal.close), (code, None), "{bytes:?}");
    }
}

#[test]
fn output_has_its_channel() {
    let mut k8s = K8s::new(FIRST, true);
    for (channel, begins) in [
        (Channel::Stdout, 1),
        (Channel::Stderr, 2),
        (Channel::Tty, 1),
    ] {
        let lane = Lane {
            process: FIRST,
            channel,
        };
        let mut begun = BytesMut::new();
        k8s.begin_output(&mut begun, lane, 0);
        begun.extend_from_slice(b"\xffx");
        let shown = k8s.output(lane, 0, 0, begun.freeze()).expect("output");
        assert_eq!(shown.into_bytes(), [begins, 0xff, b'x'][..]);
    }
}

#[test]
fn the_end_is_a_status() {
    let success = json!({"metadata": {}, "status": "Success"});
    assert_eq!(status(ExitStatus::Code(0)), (3, success));
    for (ended, code) in [
        (ExitStatus::Code(7), "7"),
        (ExitStatus::Signal("KILL".into()), "137"),
        (ExitStatus::Signal("TERM".into()), "143"),
        (ExitStatus::Signal("SYS".into()), "159"),
    ] {
        let (channel, told) = status(ended);
        assert_eq!(channel, 3);
        assert_eq!(told["status"], "Failure");
        assert_eq!(told["reason"], "NonZeroExitCode");
        let cause = json!([{"reason": "ExitCode", "message": code}]);
        assert_eq!(told["details"]["causes"], cause);
    }
}
