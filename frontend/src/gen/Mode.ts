// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

/**
 * How a process is connected: on a terminal or on plain pipes.
 */
export type Mode = "pty" | "pipe";
