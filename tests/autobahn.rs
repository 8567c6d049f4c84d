//! The framing of RFC 6455 at the level of bytes, against the echo of `examples/ws_echo.rs` over the
//! same socket layer. Numbered as the cases of the Autobahn suite, whose sections 1 to 7 and 10 they
//! stand for; `make autobahn` runs the suite itself where its Python can be had.

#[path = "../examples/ws_echo.rs"]
#[allow(dead_code, reason = "its main is not used")]
mod echo;
mod harness;

use harness::within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;
/// The last frame of a message.
const FIN: u8 = 0x80;

/// A masked frame. The first byte is whatever a case wants it to be.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short @ 0..126), _) => bytes.push(0x80 | short),
        (_, Ok(middle)) => {
            bytes.push(0xfe);
            bytes.extend(middle.to_be_bytes());
        }
        _ => {
            bytes.push(0xff);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    let masked = payload.iter().zip(MASK.iter().cycle());
    bytes.extend(masked.map(|(byte, mask)| byte ^ mask));
    bytes
}

fn whole(opcode: u8, payload: &[u8]) -> Vec<u8> {
    frame(FIN | opcode, payload)
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    whole(CLOSE, &[&code.to_be_bytes(), reason].concat())
}

/// A message in these pieces, and between them whatever is to come there.
fn pieces(opcode: u8, parts: &[&[u8]], between: &[u8]) -> Vec<u8> {
    let last = parts.len() - 1;
    let sent = parts.iter().enumerate().map(|(index, part)| {
        let opcode = if index == 0 { opcode } else { CONTINUATION };
        let fin = if index == last { FIN } else { 0 };
        let gap: &[u8] = if index == last { b"" } else { between };
        [&frame(fin | opcode, part), gap].concat()
    });
    sent.collect::<Vec<_>>().concat()
}

/// What came back: frames in order, and the code of the close.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    frames: Vec<(u8, Vec<u8>)>,
    closed: Option<u16>,
}

/// Frames come back and the close is answered with this code.
fn back(frames: &[(u8, &[u8])], closed: u16) -> Answer {
    Answer {
        frames: frames
            .iter()
            .map(|(op, bytes)| (*op, bytes.to_vec()))
            .collect(),
        closed: Some(closed),
    }
}

/// A client of the echo.
async fn open() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a listener");
    let (served, _) = listener.accept().await.expect("a client");
    tokio::spawn(echo::connection(served));
    let head = format!(
        "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.expect("a head"));
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "));
    stream
}

/// Sends these bytes in pieces of this size, and reads to the end.
async fn exchange(bytes: &[u8], chop: usize) -> Answer {
    let stream = open().await;
    stream.set_nodelay(true).expect("an option");
    let (mut read, mut write) = stream.into_split();
    let sending = async {
        for piece in bytes.chunks(chop) {
            // Whoever was refused half way through is no longer listened to.
            if write.write_all(piece).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        write
    };
    let reading = async {
        let mut came = Vec::new();
        let _ = read.read_to_end(&mut came).await;
        came
    };
    let both = async { tokio::join!(sending, reading) };
    let (_write, came) = within(
        format!("the end after {:?}", &bytes[..bytes.len().min(20)]),
        both,
    )
    .await;
    parse(&came)
}

/// A server's frames: never masked, no reserved bit, each a whole message.
fn parse(mut rest: &[u8]) -> Answer {
    let mut frames = Vec::new();
    while let [first, length, ..] = *rest {
        assert_eq!(first & 0xf0, FIN, "no bits, no fragments");
        let (start, length) = match length {
            126 => (4, usize::from(u16::from_be_bytes([rest[2], rest[3]]))),
            127 => {
                let long = rest[2..10].try_into().expect("eight bytes");
                (
                    10,
                    usize::try_from(u64::from_be_bytes(long)).expect("short"),
                )
            }
            short => {
                assert!(short < 126, "not masked");
                (2, usize::from(short))
            }
        };
        let payload = &rest[start..start + length];
        rest = &rest[start + length..];
        if first == FIN | CLOSE {
            assert_eq!(rest, b"", "nothing follows the close");
            let code = payload
                .get(..2)
                .map(|code| u16::from_be_bytes([code[0], code[1]]));
            return Answer {
                frames,
                closed: code,
            };
        }
        frames.push((first & 0x0f, payload.to_vec()));
    }
    Answer {
        frames,
        closed: None,
    }
}

/// The answer is the same however the bytes arrive.
async fn case(id: &str, bytes: &[u8], expected: &Answer) {
    for chop in [bytes.len().max(1), 997, 1] {
        if chop == 1 && bytes.len() > 1000 {
            continue;
        }
        let answer = exchange(bytes, chop).await;
        assert!(
            answer == *expected,
            "{id} in pieces of {chop}: {}",
            shown(&answer, expected)
        );
    }
}

fn shown(answer: &Answer, expected: &Answer) -> String {
    let text = |answer: &Answer| {
        let frames = answer.frames.iter();
        let frames: Vec<_> = frames
            .map(|(op, bytes)| (op, bytes.len(), &bytes[..bytes.len().min(24)]))
            .map(|frame| format!("{frame:?}"))
            .collect();
        format!("{frames:?} closed {:?}", answer.closed)
    };
    format!("{} instead of {}", text(answer), text(expected))
}

/// The same with a close behind it, which is answered.
async fn echoes(id: &str, bytes: &[u8], frames: &[(u8, &[u8])]) {
    let bytes = [bytes, &close(1000, b"")].concat();
    case(id, &bytes, &back(frames, 1000)).await;
}

/// The connection fails with this code, and nothing but these frames came before.
async fn fails(id: &str, bytes: &[u8], frames: &[(u8, &[u8])], code: u16) {
    // What follows a failure is not read.
    let bytes = [bytes, &whole(PING, b"late")].concat();
    case(id, &bytes, &back(frames, code)).await;
}

#[tokio::test]
async fn section_1_framing_of_every_size() {
    for (opcode, section) in [(TEXT, "1.1"), (BINARY, "1.2")] {
        for (index, size) in [0, 125, 126, 127, 128, 65535, 65536]
            .into_iter()
            .enumerate()
        {
            let payload = vec![b'*'; size];
            let id = format!("{section}.{}", index + 1);
            echoes(&id, &whole(opcode, &payload), &[(opcode, &payload)]).await;
        }
    }
}

#[tokio::test]
async fn section_2_pings_and_pongs() {
    let binary = [0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff];
    let long = [0xfe; 125];
    echoes("2.1", &whole(PING, b""), &[(PONG, b"")]).await;
    echoes(
        "2.2",
        &whole(PING, b"Hello, world!"),
        &[(PONG, b"Hello, world!")],
    )
    .await;
    echoes("2.3", &whole(PING, &binary), &[(PONG, &binary)]).await;
    echoes("2.4, 2.6", &whole(PING, &long), &[(PONG, &long)]).await;
    fails("2.5", &whole(PING, &[0xfe; 126]), &[], 1002).await;
    echoes("2.7", &whole(PONG, b""), &[]).await;
    echoes("2.8", &whole(PONG, b"unsolicited"), &[]).await;
    let both = [whole(PONG, b"unsolicited"), whole(PING, b"ping")].concat();
    echoes("2.9", &both, &[(PONG, b"ping")]).await;
    let payloads: Vec<_> = (0..10).map(|number| format!("payload-{number}")).collect();
    let pings: Vec<_> = payloads
        .iter()
        .map(|text| whole(PING, text.as_bytes()))
        .collect();
    let answers: Vec<_> = payloads
        .iter()
        .map(|text| (PONG, text.as_bytes()))
        .collect();
    echoes("2.10, 2.11", &pings.concat(), &answers).await;
}

#[tokio::test]
async fn section_3_reserved_bits() {
    let hello = whole(TEXT, b"Hello, world!");
    for (index, bits) in [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70]
        .into_iter()
        .enumerate()
    {
        let first = match index {
            4 => frame(FIN | bits | BINARY, b"x"),
            5 => frame(FIN | bits | PING, b"x"),
            6 => frame(FIN | bits | CLOSE, b""),
            _ => frame(FIN | bits | TEXT, b"x"),
        };
        let id = format!("3.{}", index + 1);
        fails(&id, &first, &[], 1002).await;
        let behind = [&hello[..], &first].concat();
        fails(&id, &behind, &[(TEXT, b"Hello, world!")], 1002).await;
    }
}

#[tokio::test]
async fn section_4_reserved_opcodes() {
    let hello = whole(TEXT, b"Hello, world!");
    for opcode in (3..=7).chain(11..=15) {
        for payload in [&b""[..], b"reserved opcode payload"] {
            let id = format!("4 with {opcode}");
            let bytes = whole(opcode, payload);
            fails(&id, &bytes, &[], 1002).await;
            let behind = [&hello[..], &bytes].concat();
            fails(&id, &behind, &[(TEXT, b"Hello, world!")], 1002).await;
        }
    }
}

#[tokio::test]
async fn section_5_fragments() {
    fails(
        "5.1",
        &pieces(PING, &[b"fragment1", b"fragment2"], b""),
        &[],
        1002,
    )
    .await;
    fails(
        "5.2",
        &pieces(PONG, &[b"fragment1", b"fragment2"], b""),
        &[],
        1002,
    )
    .await;
    let two: [&[u8]; 2] = [b"fragment1", b"fragment2"];
    let joined = (TEXT, &b"fragment1fragment2"[..]);
    echoes("5.3-5.5", &pieces(TEXT, &two, b""), &[joined]).await;
    let between = whole(PING, b"ping payload");
    let pong = (PONG, &b"ping payload"[..]);
    echoes("5.6-5.8", &pieces(TEXT, &two, &between), &[pong, joined]).await;
    let late = whole(TEXT, b"Hello, world!");
    for (id, first) in [
        ("5.9-5.11", FIN | CONTINUATION),
        ("5.12-5.14", CONTINUATION),
    ] {
        let lost = frame(first, b"non-continuation payload");
        fails(id, &[&lost[..], &late].concat(), &[], 1002).await;
    }
    let behind = [pieces(TEXT, &two, b""), frame(CONTINUATION, b"fragment3")].concat();
    fails("5.15", &behind, &[joined], 1002).await;
    for (id, first) in [("5.16", CONTINUATION), ("5.17", FIN | CONTINUATION)] {
        let wrong = frame(first, b"fragment1");
        let bytes = [&wrong[..], &pieces(TEXT, &two, b"")].concat();
        fails(id, &bytes, &[], 1002).await;
    }
    let unfinished = [frame(TEXT, b"fragment1"), whole(TEXT, b"fragment2")].concat();
    fails("5.18", &unfinished, &[], 1002).await;
    let five: [&[u8]; 5] = [b"1", b"2", b"3", b"4", b"5"];
    let expected = [pong, pong, pong, pong, (TEXT, &b"12345"[..])];
    echoes("5.19, 5.20", &pieces(TEXT, &five, &between), &expected).await;
}

/// Texts that are UTF-8, among them the edges of its ranges (6.2, 6.5 to 6.11, 6.22, 6.23).
const TEXTS: [&str; 14] = [
    "",
    "Hello-µ@ßöäüàá-UTF-8!!",
    "κόσμε",
    "\0",
    "\u{7f}",
    "\u{80}",
    "\u{7ff}",
    "\u{800}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{fffe}\u{ffff}",
    "\u{fffd}",
    "\u{10000}",
    "\u{10ffff}",
];

/// Bytes that are not: stray and missing continuations, overlong forms, surrogates, what lies
/// beyond (6.3, 6.8, 6.10, 6.12 to 6.21).
const NO_TEXTS: [&[u8]; 16] = [
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
    b"\xf8\x88\x80\x80\x80",
    b"\xfc\x84\x80\x80\x80\x80",
    b"\xf7\xbf\xbf\xbf",
    b"\xf4\x90\x80\x80",
    b"\x80",
    b"\xbf\xbf",
    b"\xc0\x20",
    b"\xe0\x20",
    b"\xf0\x20",
    b"\xce\xba\xe1",
    b"\xfe",
    b"\xff\xff",
    b"\xc0\xaf",
    b"\xe0\x80\xaf",
    b"\xed\xb0\x80",
];

#[tokio::test]
async fn section_6_text_is_utf_8() {
    for text in TEXTS {
        let bytes = text.as_bytes();
        echoes("6.2, 6.5-6.11", &whole(TEXT, bytes), &[(TEXT, bytes)]).await;
        // Cut anywhere, also inside a character.
        for at in 0..=bytes.len() {
            let (first, second) = bytes.split_at(at);
            let cut = pieces(TEXT, &[first, second], b"");
            echoes("6.2.3", &cut, &[(TEXT, bytes)]).await;
        }
        let empty = pieces(TEXT, &[b"", bytes, b""], b"");
        echoes("6.1", &empty, &[(TEXT, bytes)]).await;
    }
    for bytes in NO_TEXTS {
        fails("6.3, 6.12-6.21", &whole(TEXT, bytes), &[], 1007).await;
        let cut = pieces(TEXT, &[b"good ", bytes, b" good"], b"");
        fails("6.3.2, 6.4", &cut, &[], 1007).await;
        // In a binary message they are bytes like others.
        echoes("1.2", &whole(BINARY, bytes), &[(BINARY, bytes)]).await;
    }
}

#[tokio::test]
async fn section_7_close() {
    let hello = (TEXT, &b"Hello"[..]);
    echoes("7.1.1", &whole(TEXT, b"Hello"), &[hello]).await;
    for (id, late) in [
        ("7.1.2", close(1000, b"")),
        ("7.1.3", whole(PING, b"")),
        ("7.1.4", whole(TEXT, b"Hello")),
        ("7.1.5", frame(CONTINUATION, b"fragment2")),
    ] {
        let bytes = [&close(1000, b"")[..], &late].concat();
        case(id, &bytes, &back(&[], 1000)).await;
    }
    let large = vec![b'x'; 256 * 1024];
    let bytes = [whole(TEXT, &large), close(1000, b""), whole(PING, b"")].concat();
    case("7.1.6", &bytes, &back(&[(TEXT, &large)], 1000)).await;
    let empty = Answer {
        frames: Vec::new(),
        closed: None,
    };
    let answer = exchange(&whole(CLOSE, b""), 100).await;
    assert!(
        matches!(answer.closed, None | Some(1000)),
        "7.3.1: {}",
        shown(&answer, &empty)
    );
    fails("7.3.2", &whole(CLOSE, b"\x03"), &[], 1002).await;
    case("7.3.3", &close(1000, b""), &back(&[], 1000)).await;
    case("7.3.4", &close(1000, b"Hello World!"), &back(&[], 1000)).await;
    case("7.3.5", &close(1000, &[b'*'; 123]), &back(&[], 1000)).await;
    fails("7.3.6", &close(1000, &[b'*'; 124]), &[], 1002).await;
    let answer = exchange(&close(1000, b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80"), 100).await;
    assert!(
        matches!(answer.closed, Some(1002 | 1007)),
        "7.5.1: {answer:?}"
    );
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
    ] {
        case("7.7", &close(code, b""), &back(&[], code)).await;
    }
    for code in [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999] {
        fails("7.9", &close(code, b""), &[], 1002).await;
    }
    for code in [5000, 65535] {
        let answer = exchange(&close(code, b""), 100).await;
        assert!(answer.frames.is_empty(), "7.13 says nothing of {code}");
    }
}

#[tokio::test]
async fn section_10_a_message_in_many_fragments() {
    let payload = vec![b'*'; 65536];
    let parts: Vec<&[u8]> = payload.chunks(1300).collect();
    echoes("10.1.1", &pieces(TEXT, &parts, b""), &[(TEXT, &payload)]).await;
}
