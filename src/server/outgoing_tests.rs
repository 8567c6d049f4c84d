use futures_util::{SinkExt as _, StreamExt as _};
use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::Role as Side;

use super::*;

/// What the server does next.
#[derive(Clone, Debug)]
enum Step {
    Text(String),
    Binary(Vec<u8>),
    /// By the library, which may be in the middle of it when the next message is put on.
    Pong(Vec<u8>),
    Flush,
}

fn step() -> impl Strategy<Value = Step> {
    // Around the lengths at which a header grows.
    let length = prop_oneof![0..200_usize, 65_500..65_600_usize, Just(125), Just(126)];
    prop_oneof![
        "[a-z]{0,300}".prop_map(Step::Text),
        length.prop_map(|length| Step::Binary(vec![7; length])),
        (0..125_usize).prop_map(|length| Step::Pong(vec![9; length])),
        Just(Step::Flush),
    ]
}

/// Sends the steps through a pipe that takes `room` bytes at a time; what the client sees.
async fn sent(steps: Vec<Step>, room: usize) -> Vec<Frame> {
    let (ours, theirs) = tokio::io::duplex(room);
    let server = WebSocketStream::from_raw_socket(Outgoing::new(ours), Side::Server, None);
    let client = WebSocketStream::from_raw_socket(theirs, Side::Client, None);
    let (mut server, client) = tokio::join!(server, client);
    let serve = async move {
        for step in steps {
            match step {
                Step::Text(text) => server.get_mut().push(Opcode::Text, text.into()),
                Step::Binary(bytes) => server.get_mut().push(Opcode::Binary, bytes.into()),
                Step::Pong(bytes) => server.feed(Frame::Pong(bytes.into())).await.expect("fed"),
                Step::Flush => server.flush().await.expect("flushed"),
            }
        }
        server.flush().await.expect("flushed");
        assert_eq!(server.get_ref().bytes(), 0);
        assert!(server.get_ref().messages.capacity() <= KEPT);
        server.get_mut().shutdown().await.expect("shut down");
    };
    let seen = client.take_while(|frame| std::future::ready(frame.is_ok()));
    let seen = seen.map(|frame| frame.expect("just looked"));
    let ((), seen) = tokio::join!(serve, seen.collect());
    seen
}

/// What a client is to see of the steps, by kind: control frames may overtake messages.
fn told(frames: &[Frame]) -> (Vec<Frame>, Vec<Frame>) {
    frames.iter().cloned().partition(Frame::is_pong)
}

proptest! {
    /// Whatever is sent, in whatever pieces the socket takes it, the client reads it whole.
    #[test]
    fn messages_arrive_whole_and_in_order(
        steps in proptest::collection::vec(step(), 0..12),
        room in prop_oneof![1..64_usize, 1000..100_000_usize],
    ) {
        let expected: Vec<Frame> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Text(text) => Some(Frame::text(text.clone())),
                Step::Binary(bytes) => Some(Frame::binary(bytes.clone())),
                Step::Pong(bytes) => Some(Frame::Pong(bytes.clone().into())),
                Step::Flush => None,
            })
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let seen = runtime.block_on(sent(steps, room));
        prop_assert_eq!(told(&seen), told(&expected));
    }
}
