// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

/**
 * How a process ended.
 */
export type ExitStatus = { "code": number } | { "signal": string };
