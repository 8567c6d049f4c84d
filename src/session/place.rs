//! A place among the sessions of a server, held from before a session's start to its end.

use std::sync::Arc;

use super::catalog::{Catalog, CreateError, NewSession};
use super::handle::SessionHandle;
use super::name::check_name;
use crate::model::id::SessionId;

/// A place among the sessions: counted from before the start until nothing is left.
pub(super) struct Place {
    catalog: Arc<Catalog>,
    id: SessionId,
    app: String,
    pub(super) user: String,
}

impl Place {
    pub(super) fn take(
        catalog: &Arc<Catalog>,
        id: SessionId,
        new: &NewSession<'_>,
    ) -> Result<Self, CreateError> {
        let named = new.identity.iter().find(|(key, _)| key == "AWP_USER");
        let user = named.map_or_else(String::new, |(_, user)| user.clone());
        // One lock from the question to the answer, so that the limit is exact.
        let mut state = catalog.lock();
        let max = catalog.settings.max_sessions;
        if state.closed {
            return Err(CreateError::Closed);
        }
        if catalog.settings.once && state.made {
            return Err(CreateError::Full(1));
        }
        state.quota.check(new.app, &user)?;
        let free = |alive: &mut usize| {
            let free = *alive < max;
            *alive += usize::from(free);
            free
        };
        if !catalog.alive.send_if_modified(free) {
            return Err(CreateError::Full(max));
        }
        catalog.process.memory.sessions(*catalog.alive.borrow());
        state.made = true;
        state.quota.add(&new.app.name, &user);
        catalog.process.meter.sessions.one();
        drop(state);
        Ok(Self {
            catalog: Arc::clone(catalog),
            id,
            app: new.app.name.clone(),
            user,
        })
    }

    pub(super) fn name(&self, name: &str) -> Result<(), CreateError> {
        let name = check_name(name)?;
        self.catalog.lock().name(&self.id, Some(name.into()))
    }

    pub(super) fn keep(self, session: SessionHandle) -> Self {
        let mut state = self.catalog.lock();
        state.sessions.insert(self.id.clone(), session);
        // A server that began to go away meanwhile still ends it: whoever closes lists again
        // until nothing is alive.
        let closed = state.closed;
        let handle = state.sessions.get(&self.id).filter(|_| closed).cloned();
        drop(state);
        if let Some(handle) = handle {
            tokio::spawn(async move { handle.end().await });
        }
        self
    }

    pub(super) fn forget(&self) {
        self.catalog.lock().forget(&self.id);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.forget();
        self.catalog.lock().quota.remove(&self.app, &self.user);
        self.catalog.alive.send_modify(|alive| *alive -= 1);
        let alive = *self.catalog.alive.borrow();
        self.catalog.process.memory.sessions(alive);
    }
}
