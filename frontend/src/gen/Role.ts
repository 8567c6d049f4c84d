// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

/**
 * What a viewer may do in a session. Each role includes the ones before it.
 */
export type Role = "watch" | "write" | "owner";
