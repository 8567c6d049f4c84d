// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

/**
 * One byte channel. A terminal process has `tty` for both directions, and `stderr` only where
 * that was split off; the others have the three of Unix.
 */
export type Channel = "stdin" | "stdout" | "stderr" | "tty";
