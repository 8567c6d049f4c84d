//! How a relay ended, and what of the input did not get through.

use std::io::Write as _;

use super::error::ClientError;
use crate::model::process::ExitStatus;

/// How a relay ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The process has, in this way if it was told.
    Ended(Option<ExitStatus>),
    /// The keys were typed.
    Detached,
    /// Nobody reads what comes out any more.
    OutputClosed,
    /// This signal came, by its number.
    Signalled(i32),
}

/// Lines of the input that were left out.
#[derive(Default)]
pub(super) struct Refusals {
    count: u64,
    /// Why the first one was.
    code: String,
}

impl Refusals {
    /// One more. The first tells why; how many there were is told at the end.
    pub(super) fn add(&mut self, code: String, message: &str) {
        if self.count == 0 {
            let _ = writeln!(std::io::stderr(), "awp: {code}: {message}");
            self.code = code;
        }
        self.count += 1;
    }

    /// An end that looks like success is none where a part of the input did not get through.
    pub(super) fn judge(&self, outcome: Outcome) -> Result<Outcome, ClientError> {
        let told =
            matches!(&outcome, Outcome::Ended(Some(status)) if *status != ExitStatus::Code(0));
        if told || self.count == 0 {
            return Ok(outcome);
        }
        let (code, count) = (&self.code, self.count);
        let why = format!("{code}: lines of the input that were not passed on: {count}");
        Err(ClientError::Failed(why))
    }
}
