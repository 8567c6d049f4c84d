//! A file as an answer: an attachment, in parts if asked so, sent piece by piece.

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    HeaderMap, HeaderValue,
};
use http::{HeaderName, StatusCode};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::auth::Credential;
use super::error::ApiError;
use super::range::{self, Wanted};
use crate::model::file_path::clean;
use crate::session::files::{Files, Transfer};

/// How long a client may send, or take, nothing: far beyond a bad radio link, far below the time for
/// which a dead one would otherwise hold its place.
pub(super) const SILENCE: Duration = Duration::from_secs(30);

/// Bytes that are read at once: one switch to a thread that may block for each of them.
const PIECE: u64 = 256 * 1024;

/// What is done once the connection has the last byte of a file.
pub(super) type Finish = Box<dyn FnOnce() + Send>;

/// A file that is open, and what is known of it.
pub(super) struct Attachment {
    file: Arc<File>,
    size: u64,
    tag: String,
}

/// For as long as what the file is sent.
pub(super) struct While {
    /// Its login holds.
    pub(super) credential: Credential,
    /// The session is there that it is from, with its place among the transfers.
    pub(super) of: Option<(Arc<Files>, Transfer)>,
}

impl Attachment {
    /// This file. It may block.
    ///
    /// # Errors
    /// When the system tells nothing of it.
    pub(super) fn of(file: impl Into<Arc<File>>) -> io::Result<Self> {
        let file = file.into();
        let about = file.metadata()?;
        let (inode, seconds, nanos) = (about.ino(), about.mtime(), about.mtime_nsec());
        Ok(Self {
            file,
            size: about.len(),
            tag: format!("\"{inode:x}-{:x}-{seconds:x}.{nanos:x}\"", about.len()),
        })
    }

    /// Gives it under this name, or the part of it that is asked for.
    pub(super) fn give(
        self,
        name: &str,
        asked: &HeaderMap,
        during: While,
        finish: Option<Finish>,
    ) -> Response {
        let Self { file, size, tag } = self;
        let (status, first, count) = match range::asked(asked, size, &tag) {
            Wanted::Whole => (StatusCode::OK, 0, size),
            Wanted::Part(first, count) => (StatusCode::PARTIAL_CONTENT, first, count),
            Wanted::Beyond => {
                let why = "the file has no such part";
                let status = StatusCode::RANGE_NOT_SATISFIABLE;
                let mut response = ApiError::new(status, "bad_range", why).into_response();
                set(&mut response, CONTENT_RANGE, &format!("bytes */{size}"));
                return response;
            }
        };
        let flow = Flow {
            file,
            at: first,
            end: first + count,
            during,
        };
        let finish = finish.filter(|_| first + count == size);
        let body = Body::from_stream(flow.start(count, finish));
        let mut response = (status, body).into_response();
        set(&mut response, CONTENT_TYPE, "application/octet-stream");
        set(&mut response, CONTENT_LENGTH, &count.to_string());
        set(&mut response, CONTENT_DISPOSITION, &attachment(name));
        set(&mut response, ACCEPT_RANGES, "bytes");
        set(&mut response, ETAG, &tag);
        if status == StatusCode::PARTIAL_CONTENT {
            let range = format!("bytes {first}-{}/{size}", first + count - 1);
            set(&mut response, CONTENT_RANGE, &range);
        }
        response
    }
}

impl While {
    /// Resolves once it is no longer so.
    async fn is_over(&self) {
        match &self.of {
            None => self.credential.ended().await,
            Some((files, _)) => tokio::select! {
                () = self.credential.ended() => {}
                () = files.closed() => {}
            },
        }
    }
}

/// What is still to be sent of a file.
struct Flow {
    file: Arc<File>,
    at: u64,
    end: u64,
    during: While,
}

impl Flow {
    /// Sends itself piece by piece, from a task of its own: a client that takes nothing would
    /// otherwise hold the file and a place among the transfers for as long as its connection lasts.
    fn start(
        self,
        count: u64,
        mut finish: Option<Finish>,
    ) -> impl Stream<Item = io::Result<Bytes>> {
        let (pieces, sent) = mpsc::channel(1);
        tokio::spawn(self.run(pieces));
        if let Some(finish) = finish.take_if(|_| count == 0) {
            finish();
        }
        stream::try_unfold(
            (sent, count, finish),
            async |(mut sent, left, mut finish)| {
                let piece: Option<Bytes> = sent.recv().await;
                match piece {
                    Some(piece) => {
                        let left = left - piece.len() as u64;
                        if let Some(finish) = finish.take_if(|_| left == 0) {
                            finish();
                        }
                        Ok(Some((piece, (sent, left, finish))))
                    }
                    None if left == 0 => Ok(None),
                    // What breaks off is not to be taken for whole.
                    None => Err(io::ErrorKind::ConnectionAborted.into()),
                }
            },
        )
    }

    /// Goes on until all is sent, the client takes nothing for too long, the login or the session
    /// has ended, or the file has become shorter.
    async fn run(mut self, pieces: mpsc::Sender<Bytes>) {
        while self.at < self.end {
            let Ok(piece) = self.next().await else {
                return;
            };
            let sent = tokio::select! {
                sent = timeout(SILENCE, pieces.send(piece)) => sent.is_ok_and(|sent| sent.is_ok()),
                () = self.during.is_over() => false,
            };
            if !sent {
                return;
            }
        }
    }

    async fn next(&mut self) -> io::Result<Bytes> {
        let count = (self.end - self.at).min(PIECE);
        let (file, at) = (Arc::clone(&self.file), self.at);
        let read = spawn_blocking(move || {
            let mut piece = vec![0; usize::try_from(count).unwrap_or_default()];
            file.read_exact_at(&mut piece, at).map(|()| piece)
        });
        let piece = read.await.map_err(io::Error::other)??;
        self.at += count;
        Ok(piece.into())
    }
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Says that the answer is a file to be kept under this name, and never a page (RFC 6266).
fn attachment(name: &str) -> String {
    let name = clean(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
    let simple: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    let mut header = format!("attachment; filename=\"{simple}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            header.push(char::from(byte));
        } else {
            let _ = write!(header, "%{byte:02X}");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_nothing_but_a_name() {
        let header = attachment("a\"; x=<b>\u{202e}é.txt\r\n");
        let expected = "attachment; filename=\"a__ x__b__.txt\"; \
                        filename*=UTF-8''a%22%3B%20x%3D%3Cb%3E%C3%A9.txt";
        assert_eq!(header, expected);
    }
}
