//! A descriptor held back, to say that there are none.

use std::fs::File;
use std::io;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use super::listener::{Accepted, Listener};

/// What a client is told that cannot be let in.
const BODY: &str = r#"{"error":{"code":"no_room","message":"the server has no descriptors left"}}"#;

/// What is read at once of a request that is refused, in bytes.
const PIECE: usize = 1024;

/// How long a client that is refused may take to ask and to read the answer. Nobody else is accepted
/// meanwhile, and nobody else could be.
const PATIENCE: Duration = Duration::from_millis(250);

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
    /// Whether nobody waits any more who could be told: the system says that there are no
    /// descriptors before it looks whether anybody is there.
    pub(super) async fn refuse(&mut self, listener: &Listener) -> bool {
        if self.0.take().is_none() {
            self.0 = Self::open();
            return false;
        }
        let refused = match listener.accept().now_or_never() {
            Some(Ok(Accepted::Tcp(stream, _))) => match TcpStream::from_std(stream) {
                Ok(stream) => tell(stream).await,
                Err(_) => false,
            },
            Some(Ok(Accepted::Unix(stream))) => match UnixStream::from_std(stream) {
                Ok(stream) => tell(stream).await,
                Err(_) => false,
            },
            Some(Err(_)) => false,
            None => true,
        };
        self.0 = Self::open();
        refused
    }
}

/// Answers what is asked first, whatever it is. The client ends the connection, as it is asked to:
/// if it were closed while something of the request is unread, the system would send a reset, which
/// may overtake the answer.
async fn tell(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> bool {
    let length = BODY.len();
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
         Cache-Control: no-store\r\nRetry-After: 1\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{BODY}"
    );
    let telling = async {
        let mut request = [0; PIECE];
        let _asked = stream.read(&mut request).await?;
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        while stream.read(&mut request).await? > 0 {}
        Ok::<(), io::Error>(())
    };
    // Whoever took longer, or left, has seen that he is not let in.
    let _ = tokio::time::timeout(PATIENCE, telling).await;
    true
}
