// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

import type { Node } from "./Node";

/**
 * The tabs of a session, in order.
 */
export type Layout = { 
/**
 * What each tab shows.
 */
tabs: Array<Node>, };
