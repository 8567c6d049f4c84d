//! A connection as bytes on their way, in the framing that a Unix socket carries: each frame behind
//! its length.

use awp_server::wire::close::CloseCode;
use awp_server::wire::frame::MAX_FRAME;
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

/// In place of a length: the connection is closed with the code that follows.
const CLOSE: u32 = u32::MAX;

/// Bytes on their way at most before the sender has to wait.
const BUFFER: usize = 200 * 1024;

/// What comes out of a link.
pub enum Came {
    Frame(Bytes),
    Closed(u16),
}

/// One direction.
#[derive(Default)]
pub struct Way {
    flying: BytesMut,
    landed: BytesMut,
}

impl Way {
    pub fn send(&mut self, frame: &[u8]) {
        assert!(
            frame.len() <= MAX_FRAME,
            "{} bytes in one frame",
            frame.len()
        );
        self.flying
            .put_u32(u32::try_from(frame.len()).expect("checked"));
        self.flying.extend_from_slice(frame);
    }

    pub fn close(&mut self, code: CloseCode) {
        self.flying.put_u32(CLOSE);
        self.flying.put_u16(code.number());
    }

    /// Whether the sender need not wait.
    pub fn has_room(&self) -> bool {
        self.flying.len() < BUFFER
    }

    /// Bytes that have not landed.
    pub fn flying(&self) -> usize {
        self.flying.len()
    }

    /// Lets some bytes land.
    pub fn land(&mut self, count: usize) {
        let landing = self.flying.split_to(count.min(self.flying.len()));
        self.landed.extend_from_slice(&landing);
    }

    /// The next message that has landed whole.
    pub fn take(&mut self) -> Option<Came> {
        let mut head = self.landed.get(..4)?;
        match head.get_u32() {
            CLOSE => {
                let mut code = self.landed.get(4..6)?;
                Some(Came::Closed(code.get_u16()))
            }
            length => {
                let length = length as usize;
                self.landed.get(4..4 + length)?;
                self.landed.advance(4);
                Some(Came::Frame(self.landed.split_to(length).freeze()))
            }
        }
    }
}

/// Both directions.
#[derive(Default)]
pub struct Link {
    pub down: Way,
    pub up: Way,
}
