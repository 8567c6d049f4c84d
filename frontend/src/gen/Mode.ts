// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

/**
 * How a process is connected to its session.
 */
export type Mode = "pty" | "pipe" | "lines" | "json" | "pty+err";
