// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

import type { Colors } from "./Colors";
import type { Layout } from "./Layout";
import type { Position } from "./Position";
import type { Size } from "./Size";

/**
 * A control message from a client.
 */
export type ClientMessage = { "type": "hello", 
/**
 * The version that the client speaks.
 */
version: number, 
/**
 * The client's own random name, kept over reconnects: input is numbered per client.
 */
client: string, 
/**
 * Proves a cookie; see the contract.
 */
page_key?: string, 
/**
 * The client's window, if it has one.
 */
size?: Size, 
/**
 * What the client draws text in, for programs that ask.
 */
colors?: Colors, 
/**
 * What the client calls itself, for the others who are there.
 */
label?: string, 
/**
 * Whether the client shows what programs tell those who watch.
 */
notices?: boolean, 
/**
 * Where to go on, per channel; empty on a first visit.
 */
from: Array<Position>, } | { "type": "resize", 
/**
 * The process; all of them where there is none.
 */
process?: number, 
/**
 * Columns asked for.
 */
cols: number, 
/**
 * Rows asked for.
 */
rows: number, } | { "type": "colors", 
/**
 * The new ones.
 */
colors: Colors, } | { "type": "signal", 
/**
 * The process.
 */
process: number, 
/**
 * The signal's name without `SIG`, such as `INT`.
 */
name: string, } | { "type": "layout", 
/**
 * The number of the layout that this one was made from.
 */
revision: number, 
/**
 * The new one.
 */
layout: Layout, } | { "type": "snapshot", 
/**
 * The process.
 */
process: number, 
/**
 * Lines above the screen, at most: as many as are held and fit into a message, in this
 * snapshot and in those that come on this connection because the client fell behind or the
 * terminal became narrower. Until a client has said how many, 5,000.
 */
lines?: number, } | { "type": "ping", 
/**
 * Any number below 2^53.
 */
id: number, };
