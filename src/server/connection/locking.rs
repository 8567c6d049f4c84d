//! A session that is locked until whom it is for has logged in again, and the end of a login.

use super::{Connection, SocketError};
use crate::model::id::ProcessId;
use crate::server::socket::Socket;
use crate::server::told;
use crate::session::event::ViewerEvent;
use crate::wire::dialect::ServerEvent;

impl<S: Socket> Connection<S> {
    /// What the login program showed is over; a terminal begins anew.
    pub(super) fn admitted(&mut self, event: ViewerEvent) -> Result<(), SocketError> {
        self.dialect.follow(ProcessId::FIRST);
        let mut told = told::event(&self.viewer, &self.client, event);
        if let (Some(ServerEvent::Admitted { launch, .. }), Some(door)) =
            (&mut told, self.admits.take())
        {
            let code = door.admit_visitor(self.viewer.session().id());
            *launch = code
                .inspect_err(|error| tracing::error!(%error, "a visitor cannot come back"))
                .ok();
        }
        told.map_or(Ok(()), |event| self.say(&event))?;
        self.wipe(ProcessId::FIRST)
    }

    /// The lock, in its steps. Our own dialect has a terminal for each process; in the others what
    /// the application showed gives way to the login program, and comes back.
    pub(super) fn lock(&mut self, event: ViewerEvent) -> Result<(), SocketError> {
        let shown = self.viewer.main();
        match event {
            ViewerEvent::Locked => {
                self.tell(event)?;
                self.wipe(shown)
            }
            ViewerEvent::Seated => {
                self.dialect.follow(ProcessId::LOGIN);
                self.tell(event)?;
                self.wipe(ProcessId::LOGIN)
            }
            ViewerEvent::Unlocked => {
                if !self.dialect.acknowledges() {
                    self.viewer.refresh(shown, None);
                }
                self.tell(event)
            }
            event => {
                self.dialect.follow(shown);
                self.tell(event)?;
                self.wipe(shown)
            }
        }
    }

    pub(super) fn tell(&mut self, event: ViewerEvent) -> Result<(), SocketError> {
        match told::event(&self.viewer, &self.client, event) {
            Some(event) => self.say(&event),
            None => Ok(()),
        }
    }

    fn wipe(&mut self, process: ProcessId) -> Result<(), SocketError> {
        let own = self.dialect.acknowledges();
        let fresh = told::fresh(&self.viewer, process).filter(|_| !own);
        fresh.map_or(Ok(()), |event| self.say(&event))
    }
}
