//! What a server holds, for before and after.

use super::{Server, proc};

/// What a server has that a session could leave behind.
#[derive(Debug)]
pub struct Holdings {
    pub descriptors: usize,
    terminals: usize,
    zombies: Vec<u32>,
    descendants: Vec<(u32, String)>,
}

impl Holdings {
    /// Nothing of a session, and no more descriptors than this.
    pub fn quiet(self, descriptors: usize) -> Result<Self, String> {
        let clean = self.terminals == 0 && self.zombies.is_empty() && self.descendants.is_empty();
        if clean && self.descriptors <= descriptors {
            Ok(self)
        } else {
            Err(format!("{self:?}, {descriptors} descriptors at the start"))
        }
    }

    pub fn of(server: &Server) -> Self {
        let descriptors = proc::descriptors(server.pid());
        let terminals = descriptors
            .iter()
            .filter(|path| path.ends_with("ptmx"))
            .count();
        Self {
            descriptors: descriptors.len(),
            terminals,
            zombies: proc::zombies(server.pid()),
            descendants: server.descendants(),
        }
    }
}
