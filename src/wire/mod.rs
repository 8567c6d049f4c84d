//! # The wire: what travels between awp and its clients
//!
//! Pure code: bytes in, values out. No socket, no clock, no runtime. This module document is the
//! specification of `awp.v1`; `frame` and `message` implement it, `tests/fixtures/wire/*.json`
//! hold the golden frames that the Rust and the TypeScript tests both read.
//!
//! ## `awp.v1`
//!
//! ### Carrier
//! A connection is an ordered, reliable carrier of messages: a WebSocket whose subprotocol is
//! `awp.v1` (each binary message is one frame; a text message is a protocol error), or a Unix
//! socket (each frame follows its length as a `u32`). One connection watches one session, with all
//! of its processes and channels.
//!
//! ### Frame
//! Integers are little-endian. Every frame starts with the same four bytes:
//!
//! | at | size | field |
//! |---:|---:|---|
//! | 0 | 1 | kind |
//! | 1 | 1 | channel: 0 `stdin`, 1 `stdout`, 2 `stderr`, 3 `tty`; 0 where the kind has none |
//! | 2 | 2 | process number, from 1; 0 where the kind concerns the session |
//! | 4 | – | body, by kind |
//!
//! | kind | name | from | body |
//! |---|---|---|---|
//! | `0x00` | control | both | one JSON object (UTF-8) with a `type`, see below |
//! | `0x01` | input | client | `seq: u64`, bytes |
//! | `0x02` | input end | client | `seq: u64` |
//! | `0x03` | ack | client | `offset: u64` |
//! | `0x11` | output | server | `offset: u64`, bytes |
//! | `0x12` | size | server | `offset: u64`, `cols: u16`, `rows: u16` |
//! | `0x13` | end | server | `offset: u64` |
//! | `0x14` | snapshot | server | `offset: u64`, `cols: u16`, `rows: u16`, `skipped: u64`, bytes |
//! | `0x15` | gap | server | `from: u64`, `offset: u64` |
//! | `0x16` | input ack | server | `seq: u64` |
//!
//! Offsets and sequence numbers stay below 2^53, so that a JavaScript number holds them.
//! A frame is at most 1 MiB. A kind, channel or length that is not in the table is a protocol
//! error: the frame changes nothing and the connection is closed with 1008 (1009 for the length).
//!
//! ### Opening
//! 1. The client's first frame is the control message `hello`: the version it speaks, its page key
//!    where a cookie is the credential, its window's size, a client id that it made up (128 random
//!    bits, kept over reconnects, a secret), and, to resume, the offset per channel at which it
//!    wants to go on. No `hello` within 10 s, or a wrong page key: close 4401. A version that the
//!    server does not speak: close 4409.
//! 2. The server answers with `welcome`: version, session, role, each process with its mode, size,
//!    channels, and how much of this client's input it has accepted. Then output flows.
//! 3. From then on whichever side has something says it; there is no request and answer except
//!    where a message says so.
//!
//! ### Output and its one number
//! Every output channel is a stream of bytes addressed by absolute offset from 0; offsets never
//! restart in the life of a process. An `output` frame carries the bytes from `offset` on, and
//! frames of one channel follow each other without gap or overlap, except where a `snapshot` or a
//! `gap` says where the stream goes on.
//!
//! The client answers with `ack`: everything below `offset` has been consumed (by a terminal:
//! parsed). This one number is flow control (the server sends at most a window, 256 KiB of a terminal and 512 KiB of a pipe, beyond
//! the last ack of a channel), the pace of the process (it is read no further than a window beyond
//! its fastest viewer's ack) and the resume point (what the client puts into its next `hello`).
//! An ack below the last one is ignored; one beyond what was sent is a protocol error.
//! Acks may be merged; a client owes one at the latest after an eighth of the window.
//!
//! What the last viewer had not acknowledged is kept when its connection is lost: of pipes until
//! somebody comes, of a terminal for 10 s, in which its program is held back at a full log (4 MiB).
//! A client that comes back within that goes on at its next byte, even in a flood.
//!
//! `size` and `end` are marks in the stream: they take effect at their offset, after the bytes
//! below and before the bytes above. `size` says for which terminal size the program writes from
//! there on. `end` says that the channel has no byte at or above `offset`.
//!
//! `snapshot` (terminals only) replaces what the client shows: reset the terminal to `cols` by
//! `rows`, write the bytes, go on at `offset`; `skipped` counts the bytes that this client never
//! saw. `gap` (pipes only) says that the bytes from `from` to `offset` are no longer held; the
//! stream goes on at `offset`.
//!
//! Programs ask their terminal things (where the cursor is, which colours it has). Where `welcome`
//! says `answers_queries`, the server answers them, once, whoever watches; the questions are among
//! the bytes all the same, offsets count them, and a viewer's terminal keeps silent. Colours are
//! those of the viewer that typed last, if its `hello`, or `colors` since, named them.
//!
//! When a terminal becomes narrower, each viewer gets a snapshot after the `size`: terminals wrap
//! what they hold in different ways, and all viewers are to see the same. A client that wants one at
//! another time asks by the control message `snapshot`.
//!
//! ### Input and its one number
//! Input of a process is one stream per client id: `seq` is the position of the first byte of the
//! frame in it, from 0. The server accepts in order: bytes below its position are repetitions and
//! are dropped, a frame that starts above it is a protocol error. `input ack` says that everything
//! below `seq` was handed to the process; a client keeps what is not acknowledged and sends it
//! again after a reconnect, so that nothing is lost or typed twice. At most 64 KiB,
//! on pipes 256 KiB, may be unacknowledged per process. `input end` at `seq` closes the process's standard input once all
//! input below `seq` was written; output goes on. A terminal has no half-close: there it is
//! answered with the error `not_supported`.
//!
//! A client id has one connection. A `hello` with the id of a client that is connected takes its
//! place, as a client does that comes back before the server has noticed the loss of its old
//! connection: nothing that the old one still brings is accepted, it is told the error `replaced`
//! and closed with 1008.
//!
//! ### Ends
//! After `end` of each of a process's channels the control message `exit` tells its code or its
//! signal, once. When the last process of the session has ended the server closes with 1000.
//! Close codes are the table in [`close`].
//!
//! ### Several processes, several viewers
//! A session's processes share the connection: each frame names its process. One that is started
//! after `welcome` is told by the control message `process` before its first frame; what becomes of
//! its terminal's size is told per process, and a client says by `resize` in which size it shows
//! each. Whose window counts is the session's size policy.
//!
//! The control message `session` tells what concerns the session as a whole: its name, who is there
//! and which of them is this viewer, whose window counts, and the layout: tabs, each a process or a
//! split of several. It comes after `welcome` and whenever something of it has changed, the newest
//! state and never a backlog. A viewer that may write changes the layout by `layout`, which names
//! the `revision` that it was made from. One made from an older revision is refused with the error
//! `conflict`; should two be on their way at the same moment, both see by the next `session` which
//! of them was taken. A process that runs cannot be left out (error `bad_layout`); one that has
//! ended and is left out is forgotten, with its output.
//!
//! ### Control messages
//! The JSON forms are the types of [`message`]: `ClientMessage` and `ServerMessage`. A control
//! message that does not parse, or that the viewer's role does not allow, is answered with `error`
//! and changes nothing. Unknown fields are ignored, so that a newer peer may add some; an unknown
//! `type` from a client is answered with `error` code `unknown_type`, from a server ignored.
//!
//! ### Trust
//! Nothing in a frame grants authority. Who the client is was settled before the upgrade (cookie,
//! bearer or the Unix socket's peer) and by the page key in `hello`; what it may do is checked for
//! every frame, in one place, by [`crate::model::access`].
//!
//! ## Other dialects
//! [`json`] is `awp.json`, [`raw`] is bare bytes; each translates the events of [`dialect`], as
//! [`v1`] does.

pub mod close;
pub mod dialect;
pub mod frame;
pub mod json;
pub mod k8s;
pub mod lines;
pub mod message;
pub mod raw;
pub mod terminado;
pub mod tty;
pub mod v1;

#[cfg(test)]
mod generated;

pub(crate) mod fuzz_tests;
