//! What a client asks of a connection.

use super::{Connection, LOCKED, SocketError};
use crate::model::access::Action;
use crate::server::socket::Socket;
use crate::server::waiting::Piece;
use crate::wire::close::CloseCode;
use crate::wire::dialect::{ClientEvent, Refusal, ServerEvent};

impl<S: Socket> Connection<S> {
    /// Does what a client asks, if its role allows it: the one place where that is decided.
    pub(super) fn handle(&mut self, event: ClientEvent) -> Result<(), SocketError> {
        if !self.viewer.role().allows(event.action()) {
            return self.error("not_allowed", "this viewer may not do that");
        }
        let acts = matches!(event.action(), Action::Arrange | Action::Signal);
        if acts && self.viewer.is_locked() {
            return self.error("locked", LOCKED);
        }
        match event {
            ClientEvent::Input {
                process,
                seq,
                bytes,
            } => self.take_input(Piece::Input {
                process,
                seq,
                bytes,
            }),
            ClientEvent::InputEnd { process, seq } => self.take_input(Piece::End { process, seq }),
            ClientEvent::Ack { lane, offset } => match self.viewer.ack(lane, offset) {
                Ok(()) => Ok(()),
                Err(beyond) => self.refuse(Refusal::fatal(CloseCode::Policy, beyond.to_string())),
            },
            ClientEvent::Resize { process, size } => {
                self.resizes.push(process, size);
                self.apply_resizes();
                Ok(())
            }
            ClientEvent::Colors(colors) => {
                self.viewer.show_in(colors);
                Ok(())
            }
            ClientEvent::Layout { revision, layout } => {
                match self.viewer.arrange(revision, layout) {
                    Ok(()) => Ok(()),
                    Err(error) => self.error(error.code(), error.to_string()),
                }
            }
            ClientEvent::Snapshot { process, lines } if self.viewer.refresh(process, lines) => {
                Ok(())
            }
            ClientEvent::Snapshot { .. } => self.error("no_process", "there is no such terminal"),
            ClientEvent::Signal { process, name } if self.viewer.signal(process, &name) => Ok(()),
            ClientEvent::Signal { .. } => {
                self.error("bad_signal", "no such signal, or no such process")
            }
            ClientEvent::Flow { paused } => {
                self.paused = paused;
                Ok(())
            }
            ClientEvent::Ping { id } => {
                self.pinged()?;
                self.say(&ServerEvent::Pong { id })
            }
            ClientEvent::Hello(_) | ClientEvent::Auth { .. } => {
                self.error("bad_message", "the connection is open already")
            }
        }
    }
}
