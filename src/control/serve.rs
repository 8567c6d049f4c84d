//! One connection to a slot: lines in, calls out, answers back.

use std::future::{Future, pending};
use std::io::ErrorKind;
use std::os::fd::AsFd as _;
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::UnixStream;

use super::error::{Code, RpcError};
use super::line::Lines;
use super::method::{Call, Done};
use super::protocol::Request;
use super::{MAX_CALLS, MAX_LINE};

/// Bytes that are read at once: most calls are far shorter, an idle connection holds none of them.
const PIECE: usize = 4 * 1024;

/// What a call becomes.
pub type Answer = Pin<Box<dyn Future<Output = Result<Done, RpcError>> + Send>>;

/// Who is at the other end of a connection, as the kernel says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The process that opened the connection.
    pub pid: u32,
}

/// Carries out the calls of one slot.
pub trait Service: Send + Sync + 'static {
    /// Carries out a call.
    fn call(&self, caller: Caller, call: Call) -> Answer;
}

#[derive(Serialize)]
struct Reply<'a> {
    jsonrpc: &'static str,
    id: &'a Value,
    #[serde(flatten)]
    outcome: Outcome<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome<'a> {
    Result(&'a Done),
    Error(&'a RpcError),
}

type Calls = FuturesUnordered<Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send>>>;

/// Serves a connection until its end.
pub async fn serve(mut stream: UnixStream, caller: Caller, service: Arc<dyn Service>) {
    let (mut lines, mut calls) = (Lines::default(), Calls::new());
    let (mut open, mut room) = (true, true);
    while open || !calls.is_empty() {
        tokio::select! {
            // Each call has begun before it matters whether anybody waits for its answer.
            biased;
            Some(reply) = calls.next() => {
                if let Some(reply) = reply && stream.write_all(&reply).await.is_err() {
                    return;
                }
            }
            more = readable(&stream), if open && room => {
                open = more;
                if open && !read(&mut stream, &mut lines).await {
                    open = false;
                }
            }
            () = hung_up(&stream), if !open => return,
        }
        while calls.len() < MAX_CALLS {
            match lines.next_line() {
                Ok(Some(line)) => take(&line, caller, &service, &calls),
                Ok(None) => break,
                Err(long) => {
                    let error = RpcError::new(Code::Request, long.to_string());
                    let _ = stream.write_all(&reply(&Value::Null, &Err(error))).await;
                    return;
                }
            }
        }
        room = calls.len() < MAX_CALLS;
    }
}

/// Waits for bytes without holding room for them.
async fn readable(stream: &UnixStream) -> bool {
    stream.readable().await.is_ok()
}

/// Waits until nobody can read an answer any more. That a client says no more is not that: it may
/// have ended its half alone.
async fn hung_up(stream: &UnixStream) {
    // Watched apart from the stream, whose own readiness is for its bytes.
    let apart = stream.as_fd().try_clone_to_owned();
    let apart = apart.and_then(|fd| UnixStream::from_std(fd.into()));
    let Ok(apart) = apart else {
        return pending().await;
    };
    while let Ok(ready) = apart.ready(Interest::WRITABLE).await {
        if ready.is_write_closed() {
            return;
        }
        // Not that again: only what changes.
        let seen = || Err::<(), _>(ErrorKind::WouldBlock.into());
        let _ = apart.try_io(Interest::WRITABLE, seen);
    }
}

/// Takes what is there; false at the end.
async fn read(stream: &mut UnixStream, lines: &mut Lines) -> bool {
    let mut piece = BytesMut::with_capacity(PIECE);
    match stream.read_buf(&mut piece).await {
        Ok(0) | Err(_) => false,
        Ok(_) => {
            lines.push(&piece);
            true
        }
    }
}

fn take(line: &Bytes, caller: Caller, service: &Arc<dyn Service>, calls: &Calls) {
    let refused = |id: Value, error: RpcError| -> Pin<Box<dyn Future<Output = _> + Send>> {
        Box::pin(async move { Some(reply(&id, &Err(error))) })
    };
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(error) => {
            let error = RpcError::new(Code::Parse, error.to_string());
            return calls.push(refused(Value::Null, error));
        }
    };
    let request: Request = match serde_json::from_value(value) {
        Ok(request) => request,
        Err(error) => {
            let error = RpcError::new(Code::Request, error.to_string());
            return calls.push(refused(Value::Null, error));
        }
    };
    let id = match request.id {
        Some(Value::Array(_) | Value::Object(_) | Value::Bool(_)) => {
            let error = RpcError::new(Code::Request, "an id is a number or a text");
            return calls.push(refused(Value::Null, error));
        }
        id => id,
    };
    let call = if request.jsonrpc == "2.0" {
        Call::read(&request.method, request.params)
    } else {
        Err(RpcError::new(Code::Request, "jsonrpc is \"2.0\""))
    };
    match (call, id) {
        (Ok(call), id) => {
            let answer = service.call(caller, call);
            calls.push(Box::pin(async move {
                let answer = answer.await;
                id.map(|id| reply(&id, &answer))
            }));
        }
        (Err(error), Some(id)) => calls.push(refused(id, error)),
        (Err(_), None) => {}
    }
}

fn reply(id: &Value, answer: &Result<Done, RpcError>) -> Vec<u8> {
    let write = |outcome| {
        let reply = Reply {
            jsonrpc: "2.0",
            id,
            outcome,
        };
        serde_json::to_vec(&reply).unwrap_or_default()
    };
    let mut line = match answer {
        Ok(done) => write(Outcome::Result(done)),
        Err(error) => write(Outcome::Error(error)),
    };
    if line.len() > MAX_LINE {
        let error = RpcError::new(Code::Quota, "the answer is longer than a line may be");
        line = write(Outcome::Error(&error));
    }
    line.push(b'\n');
    line
}
