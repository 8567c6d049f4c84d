// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

import type { Channel } from "./Channel";

/**
 * Where a client wants to go on in one output channel.
 */
export type Position = { 
/**
 * The process.
 */
process: number, 
/**
 * The output channel.
 */
channel: Channel, 
/**
 * The first byte that the client has not consumed.
 */
offset: number, };
