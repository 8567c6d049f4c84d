//! A descriptor held back, to say that there are none.

use std::fs::File;
use std::io::{Read, Write};

use futures_util::FutureExt as _;

use super::listener::{Accepted, Listener};

/// What a client is told that cannot be let in.
const BODY: &str = r#"{"error":{"code":"no_room","message":"the server has no descriptors left"}}"#;

/// What is read of a request that is refused unread, in bytes: without that the system would send
/// a reset, which may overtake the answer.
const REQUEST: usize = 16 * 1024;

/// A descriptor that is given up for as long as it takes to refuse one connection.
pub(super) struct Spare(Option<File>);

impl Default for Spare {
    fn default() -> Self {
        Self(Self::open())
    }
}

impl Spare {
    fn open() -> Option<File> {
        File::open("/dev/null").ok()
    }

    /// Accepts one connection in place of the spare descriptor and tells it that there is no room.
    /// Whether that could be done.
    pub(super) fn refuse(&mut self, listener: &Listener) -> bool {
        let had = self.0.take().is_some();
        let accepted = if had {
            listener.accept().now_or_never()
        } else {
            None
        };
        let refused = match accepted {
            Some(Ok(Accepted::Tcp(mut stream, _))) => {
                tell(&mut stream);
                let _ = stream.shutdown(std::net::Shutdown::Write);
                true
            }
            Some(Ok(Accepted::Unix(mut stream))) => {
                tell(&mut stream);
                let _ = stream.shutdown(std::net::Shutdown::Write);
                true
            }
            Some(Err(_)) | None => false,
        };
        self.0 = Self::open();
        refused
    }
}

/// The stream does not block, and an answer this short fits its buffer: whatever fails here, the
/// client sees that it is not let in.
fn tell(stream: &mut (impl Read + Write)) {
    let length = BODY.len();
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
         Cache-Control: no-store\r\nRetry-After: 1\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{BODY}"
    );
    let _ = stream.read(&mut [0; REQUEST]);
    let _ = stream.write_all(answer.as_bytes());
}
