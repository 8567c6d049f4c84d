// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

import type { Node } from "./Node";

/**
 * A part of a split.
 */
export type Part = { 
/**
 * Its share of the room, against the other parts' weights; 1 to [`Part::MAX_WEIGHT`].
 */
weight: number, 
/**
 * What it shows.
 */
node: Node, };
