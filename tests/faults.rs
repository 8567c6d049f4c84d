//! Faults: clients that vanish, freeze or never speak, floods, exhausted resources, signals.
//!
//! Each test has two sizes: the one of the gate, named in its doc comment, and the full one, which
//! `make soak` (`AWP_SOAK=1`) runs. A client that is dropped here with bytes it did not read is to
//! the server what a client killed with SIGKILL is: the kernel resets its connection.

#![allow(
    clippy::print_stdout,
    reason = "what is measured and not asserted is shown, and what is left out says why"
)]

mod harness;

#[path = "faults/clock.rs"]
mod clock;
#[path = "faults/cycles.rs"]
mod cycles;
#[path = "faults/exhausted.rs"]
mod exhausted;
#[path = "faults/frozen.rs"]
mod frozen;
#[path = "faults/memory.rs"]
mod memory;
#[path = "faults/signals.rs"]
mod signals;
#[path = "faults/silent.rs"]
mod silent;
#[path = "faults/vanished.rs"]
mod vanished;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// For servers whose clients read nothing for as long as a test in full takes.
const PATIENT: [&str; 4] = ["--ping-interval", "1h", "--ping-timeout", "2h"];

/// The size of a test: of the gate, or the full one.
fn size<T>(gate: T, full: T) -> T {
    if std::env::var_os("AWP_SOAK").is_some() {
        full
    } else {
        gate
    }
}
