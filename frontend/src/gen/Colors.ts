// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

/**
 * What a terminal's text and its background are drawn in, where a program names no colour.
 */
export type Colors = { 
/**
 * Of text.
 */
foreground: string, 
/**
 * Behind the text.
 */
background: string, };
