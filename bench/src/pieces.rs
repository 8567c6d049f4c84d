//! The inner pieces of the byte path and of the screen model, each as one call on prepared data.

use std::hint::black_box;

use awp_server::model::channel::{Channel, Lane};
use awp_server::model::id::ProcessId;
use awp_server::model::output_log::{Next, OutputLog};
use awp_server::model::screen::{QueryFilter, QueryScan, Screen, Settings};
use awp_server::model::size::Size;
use awp_server::wire::frame::{Frame, begin_output};
use bytes::{Bytes, BytesMut};

use crate::corpus;

/// One drain of a process, in bytes.
const DRAIN: usize = 64 * 1024;

/// A piece: prepares its data, and gives what is to be measured.
pub struct Piece {
    /// What it is called.
    pub name: &'static str,
    /// Makes it ready.
    pub prepare: fn() -> Box<dyn FnOnce()>,
}

/// All pieces.
pub const PIECES: [Piece; 8] = [
    Piece {
        name: "log append, 4 MiB in drains",
        prepare: append,
    },
    Piece {
        name: "log read into frames, 4 MiB",
        prepare: read,
    },
    Piece {
        name: "input frames decoded, 10,000",
        prepare: decode,
    },
    Piece {
        name: "questions looked for, 4 MiB",
        prepare: scan,
    },
    Piece {
        name: "screen fed with a log, 1 MiB",
        prepare: feed_log,
    },
    Piece {
        name: "screen fed with redraws, 1 MiB",
        prepare: feed_redraws,
    },
    Piece {
        name: "screen brought up to a log, 4 MiB at once",
        prepare: feed_long,
    },
    Piece {
        name: "snapshot with 5,000 lines of history",
        prepare: snapshot,
    },
];

const LANE: Lane = Lane {
    process: ProcessId(1),
    channel: Channel::Tty,
};

fn append() -> Box<dyn FnOnce()> {
    let bytes = corpus::log(4 << 20);
    Box::new(move || {
        let mut log = OutputLog::new(1 << 20);
        for piece in bytes.chunks(DRAIN) {
            log.append(piece);
        }
        black_box(&log);
    })
}

fn read() -> Box<dyn FnOnce()> {
    let mut log = OutputLog::new(4 << 20);
    log.append(&corpus::log((4 << 20) - 512));
    Box::new(move || {
        let mut cursor = log.oldest();
        loop {
            let mut out = BytesMut::new();
            begin_output(&mut out, LANE, cursor.offset());
            match log.read(&mut cursor, DRAIN, &mut out) {
                Next::Nothing => break,
                _ => black_box(out.freeze()),
            };
        }
    })
}

fn decode() -> Box<dyn FnOnce()> {
    let frames: Vec<Bytes> = (0..10_000)
        .map(|seq| {
            let bytes = Bytes::from_static(b"x");
            let lane = LANE;
            Frame::Input { lane, seq, bytes }.encode()
        })
        .collect();
    Box::new(move || {
        for frame in frames {
            black_box(Frame::decode(frame).is_ok());
        }
    })
}

fn scan() -> Box<dyn FnOnce()> {
    let bytes = corpus::log(4 << 20);
    Box::new(move || {
        let (mut scan, filter) = (QueryScan::default(), QueryFilter::default());
        let mut offset = 0;
        for piece in bytes.chunks(DRAIN) {
            black_box(scan.needs_answer(piece));
            black_box(filter.passes(piece, scan.clean().after(offset)));
            offset += piece.len() as u64;
        }
    })
}

fn screen(size: Size) -> Screen {
    let settings = Settings {
        scrollback_lines: 5000,
        ..Settings::default()
    };
    Screen::new(size, settings)
}

fn feed(bytes: Vec<u8>) -> Box<dyn FnOnce()> {
    let mut screen = screen(Size {
        cols: 120,
        rows: 40,
    });
    Box::new(move || {
        for piece in bytes.chunks(DRAIN) {
            screen.feed(piece);
        }
        black_box(&screen);
    })
}

fn feed_log() -> Box<dyn FnOnce()> {
    feed(corpus::log(1 << 20))
}

fn feed_redraws() -> Box<dyn FnOnce()> {
    let mut bytes = corpus::redraws(800);
    bytes.truncate(1 << 20);
    feed(bytes)
}

fn feed_long() -> Box<dyn FnOnce()> {
    let bytes = corpus::log(4 << 20);
    let mut screen = screen(Size::DEFAULT);
    Box::new(move || {
        screen.feed_long(&bytes);
        black_box(&screen);
    })
}

fn snapshot() -> Box<dyn FnOnce()> {
    let mut screen = screen(Size::DEFAULT);
    screen.feed(&corpus::log(1 << 20));
    Box::new(move || {
        black_box(screen.snapshot());
    })
}
