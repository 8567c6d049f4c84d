//! A byte stream in the place of a WebSocket: what the loop of a connection takes, without frames.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::{Error as SocketError, Message as Frame};

use super::socket::Socket;
use crate::model::channel::Lane;
use crate::model::id::ProcessId;
use crate::wire::dialect::{ClientEvent, Dialect, Message, Refusal, ServerEvent};
use crate::wire::frame::MAX_FRAME;
use crate::wire::raw::Raw;

/// Bytes that are read at once.
const READ: usize = 16 * 1024;

/// What a terminal's key for the end of input sends, as terminals begin.
const END_OF_INPUT: &[u8] = b"\x04";

/// The end of input among the messages of `awp.json`.
const END_MESSAGE: &str = r#"{"type":"eof"}"#;

/// Bytes, or lines of text, over a stream.
pub struct Plain<S> {
    stream: S,
    /// Each message is a line.
    lines: bool,
    /// Read and not handed out: what came with the opening, or a line whose end is missing.
    read: BytesMut,
    /// The client sends no more; it may still listen.
    over: bool,
    /// That was told.
    told: bool,
    /// To be written.
    pending: VecDeque<Bytes>,
    /// Nothing more is to be read.
    closing: bool,
}

impl<S> Plain<S> {
    /// The stream, behind what was `read` of it already; `over` if that was all.
    pub fn new(stream: S, read: &[u8], over: bool, lines: bool) -> Self {
        Self {
            stream,
            lines,
            read: BytesMut::from(read),
            over,
            told: false,
            pending: VecDeque::new(),
            closing: false,
        }
    }

    /// What there is to hand out of what was read.
    fn take(&mut self) -> Result<Option<Frame>, SocketError> {
        if !self.lines {
            let bytes = std::mem::take(&mut self.read).freeze();
            return Ok((!bytes.is_empty()).then_some(Frame::Binary(bytes)));
        }
        let end = self.read.iter().position(|byte| *byte == b'\n');
        let line = match end {
            Some(end) => {
                let mut line = self.read.split_to(end + 1);
                line.truncate(end);
                line
            }
            None if self.over && !self.read.is_empty() => std::mem::take(&mut self.read),
            None if self.read.len() > MAX_FRAME => {
                return Err(SocketError::Io(io::ErrorKind::InvalidData.into()));
            }
            None => return Ok(None),
        };
        let text = String::from_utf8(line.to_vec());
        let text = text.map_err(|_| SocketError::Io(io::ErrorKind::InvalidData.into()))?;
        Ok(Some(Frame::text(text)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for Plain<S> {
    type Item = Result<Frame, SocketError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.closing {
            return Poll::Ready(None);
        }
        loop {
            if let Some(frame) = this.take().transpose() {
                return Poll::Ready(Some(frame));
            }
            if this.over && !this.told {
                this.told = true;
                let end = if this.lines {
                    Frame::text(END_MESSAGE)
                } else {
                    Frame::Binary(Bytes::new())
                };
                return Poll::Ready(Some(Ok(end)));
            }
            if this.over {
                return Poll::Pending;
            }
            let mut scratch = [0; READ];
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer)) {
                Ok(()) if buffer.filled().is_empty() => this.over = true,
                Ok(()) => this.read.extend_from_slice(buffer.filled()),
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Sink<Frame> for Plain<S> {
    type Error = SocketError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, frame: Frame) -> Result<(), SocketError> {
        let this = self.get_mut();
        match frame {
            Frame::Binary(bytes) => this.pending.push_back(bytes),
            Frame::Text(text) => {
                this.pending.push_back(text.into());
                this.pending.push_back(Bytes::from_static(b"\n"));
            }
            Frame::Close(_) => this.closing = true,
            // Bytes have no signs of life.
            Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_) => {}
        }
        Ok(())
    }

    fn poll_flush(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SocketError>> {
        let this = self.get_mut();
        while let Some(first) = this.pending.front_mut() {
            if first.is_empty() {
                this.pending.pop_front();
                continue;
            }
            let written = ready!(Pin::new(&mut this.stream).poll_write(context, first))?;
            if written == 0 {
                return Poll::Ready(Err(SocketError::Io(io::ErrorKind::WriteZero.into())));
            }
            first.advance(written);
        }
        // An idle connection holds no memory for it.
        this.pending = VecDeque::new();
        Pin::new(&mut this.stream)
            .poll_flush(context)
            .map_err(Into::into)
    }

    fn poll_close(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), SocketError>> {
        self.poll_flush(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Socket for Plain<S> {
    fn take(&mut self, frame: Frame) -> Result<(), SocketError> {
        Pin::new(self).start_send(frame)
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut scratch = [0; READ];
        let mut buffer = ReadBuf::new(&mut scratch);
        let came = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
        Poll::Ready(came.map(|()| buffer.filled().len()))
    }
}

/// The dialect of bare bytes: as `raw`, and an empty message is the end of the input.
pub struct Stdio {
    process: ProcessId,
    terminal: bool,
    raw: Raw,
}

impl Stdio {
    /// Speaks for this process, which has a terminal or not.
    pub fn new(process: ProcessId, terminal: bool) -> Self {
        Self {
            process,
            terminal,
            raw: Raw::new(process),
        }
    }
}

impl Dialect for Stdio {
    fn follow(&mut self, process: ProcessId) {
        *self = Self::new(process, self.terminal);
    }

    fn decode(&mut self, message: Message) -> Result<Option<ClientEvent>, Refusal> {
        let process = self.process;
        match &message {
            Message::Binary(bytes) if bytes.is_empty() && self.terminal => {
                Ok(Some(ClientEvent::Input {
                    process,
                    seq: None,
                    bytes: Bytes::from_static(END_OF_INPUT),
                }))
            }
            Message::Binary(bytes) if bytes.is_empty() => {
                Ok(Some(ClientEvent::InputEnd { process, seq: None }))
            }
            _ => self.raw.decode(message),
        }
    }

    fn begin_output(&self, out: &mut BytesMut, lane: Lane, offset: u64) {
        self.raw.begin_output(out, lane, offset);
    }

    fn output(&mut self, lane: Lane, offset: u64, clean: usize, begun: Bytes) -> Option<Message> {
        self.raw.output(lane, offset, clean, begun)
    }

    fn event(&mut self, event: &ServerEvent) -> Option<Message> {
        self.raw.event(event)
    }
}
