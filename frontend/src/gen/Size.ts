// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

/**
 * Columns and rows of a terminal.
 */
export type Size = { 
/**
 * Columns, 1 to [`Size::MAX`].
 */
cols: number, 
/**
 * Rows, 1 to [`Size::MAX`].
 */
rows: number, };
