// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

/**
 * In which direction the parts of a split follow each other.
 */
export type Direction = "row" | "column";
