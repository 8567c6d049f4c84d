// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

import type { Direction } from "./Direction";
import type { Part } from "./Part";

/**
 * A tab, or a part of one.
 */
export type Node = { "pane": number } | { "split": { 
/**
 * In which direction they follow each other.
 */
direction: Direction, 
/**
 * The parts, two or more.
 */
parts: Array<Part>, } };
