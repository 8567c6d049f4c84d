//! What a program can send over its control socket: it is refused or understood, in whatever pieces.

use proptest::prelude::*;
use proptest::sample::Index;

use super::line::Lines;
use super::method::Call;
use super::protocol::Request;

/// Lines of a control socket.
const CALLS: [&str; 11] = [
    r#"{"jsonrpc":"2.0","id":1,"method":"session.info"}"#,
    r#"{"jsonrpc":"2.0","id":"a","method":"session.grant","params":{"subject":"ann","name":"Ann","claims":{"a":[1]},"acr":"pwd","ttl":"1h","nonce":"abc"}}"#,
    r#"{"jsonrpc":"2.0","id":null,"method":"session.deny","params":{"reason":"no","message":"x","retry":true}}"#,
    r#"{"jsonrpc":"2.0","id":3,"method":"var.set","params":{"name":"a","value":{"b":[true,null,1.5]}}}"#,
    r#"[{"jsonrpc":"2.0","id":4,"method":"session.validate"}]"#,
    r#"{"jsonrpc":"2.0","method":"open","params":{"url":"https://x"}}"#,
    r#"{"jsonrpc":"2.0","id":6,"method":"session.password","params":{"user":"ann","password":"x","code":"123456"}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"clip.copy","params":{"text":"x"}}"#,
    r#"{"jsonrpc":"2.0","id":8,"method":"proc.spawn","params":{"command":["sh","-c","x"],"env":{"A":"b"}}}"#,
    "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"session.token\"}\r\n\n{}\n",
    r#"{"jsonrpc":"1.0","id":18446744073709551616,"method":"x","params":[]}"#,
];

/// One of these with some bytes of it changed, left out or put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<Index>(), any::<u8>(), 0..3);
    let changes = prop::collection::vec(change, 0..6);
    (prop::sample::select(CALLS.to_vec()), changes).prop_map(|(seed, changes)| {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, byte, kind) in changes {
            let at = at.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                _ => bytes.truncate(at),
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn no_line_breaks_the_control_socket(bytes in damaged(), piece in 1_usize..40) {
        let read = |piece: usize| {
            let mut lines = Lines::default();
            let mut found = Vec::new();
            for piece in bytes.chunks(piece) {
                lines.push(piece);
                while let Ok(Some(line)) = lines.next_line() {
                    found.push(line);
                }
            }
            found
        };
        let lines = read(bytes.len().max(1));
        prop_assert_eq!(&read(piece), &lines, "the same in any pieces");
        for line in lines.iter().map(|line| &line[..]).chain([&bytes[..]]) {
            if let Ok(request) = serde_json::from_slice::<Request>(line) {
                let _ = Call::read(&request.method, request.params);
            }
        }
    }
}
