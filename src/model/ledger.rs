//! How much input of each client was accepted: what makes input exactly-once over reconnects.

use super::id::ProcessId;

/// Pairs of client and process that a session remembers; the one that was used longest ago is
/// forgotten first. A client is a browser tab or a command line and types into a few processes, so
/// this is far above what a session sees at once.
const MAX_ENTRIES: usize = 256;

/// What to do with input that starts at some position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// The first so many bytes are repetitions; what follows is new.
    After(usize),
    /// It starts beyond what was accepted: something in between is missing.
    Ahead,
}

/// Positions in the input streams of a session's clients.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Client, process, position; the one used last stands last.
    entries: Vec<(Box<str>, ProcessId, u64)>,
}

impl Ledger {
    /// How much of this client's input to this process was accepted.
    pub fn position(&self, client: &str, process: ProcessId) -> u64 {
        self.find(client, process)
            .map_or(0, |at| self.entries[at].2)
    }

    /// Compares input of `length` bytes at `seq` with what was accepted.
    pub fn check(&self, client: &str, process: ProcessId, seq: u64, length: usize) -> Accept {
        let position = self.position(client, process);
        match position.checked_sub(seq) {
            Some(known) => Accept::After(usize::try_from(known).unwrap_or(usize::MAX).min(length)),
            None => Accept::Ahead,
        }
    }

    /// Takes note that `count` more bytes were accepted.
    pub fn accept(&mut self, client: &str, process: ProcessId, count: usize) {
        let position = match self.find(client, process) {
            Some(at) => self.entries.remove(at).2,
            None => 0,
        };
        if self.entries.len() >= MAX_ENTRIES {
            self.entries.remove(0);
        }
        self.entries
            .push((client.into(), process, position + count as u64));
    }

    fn find(&self, client: &str, process: ProcessId) -> Option<usize> {
        self.entries
            .iter()
            .position(|(known, to, _)| **known == *client && *to == process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: ProcessId = ProcessId(1);

    #[test]
    fn what_was_accepted_is_not_taken_again_and_nothing_is_left_out() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.check("a", FIRST, 0, 10), Accept::After(0));
        ledger.accept("a", FIRST, 10);
        assert_eq!(ledger.check("a", FIRST, 0, 10), Accept::After(10));
        assert_eq!(ledger.check("a", FIRST, 4, 10), Accept::After(6));
        assert_eq!(ledger.check("a", FIRST, 10, 10), Accept::After(0));
        assert_eq!(ledger.check("a", FIRST, 11, 10), Accept::Ahead);
        assert_eq!(ledger.check("b", FIRST, 0, 1), Accept::After(0));
        assert_eq!(ledger.position("a", ProcessId(2)), 0);
    }

    #[test]
    fn the_number_of_clients_is_bounded_and_the_latest_stay() {
        let mut ledger = Ledger::default();
        for client in 0..1000 {
            ledger.accept("regular", FIRST, 1);
            ledger.accept(&client.to_string(), FIRST, 1);
        }
        assert_eq!(ledger.entries.len(), MAX_ENTRIES);
        assert_eq!(ledger.position("regular", FIRST), 1000);
    }
}
