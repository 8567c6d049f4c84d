// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

import type { ExitStatus } from "./ExitStatus";
import type { Mode } from "./Mode";
import type { Size } from "./Size";

/**
 * A process as a viewer sees it.
 */
export type ProcessInfo = { 
/**
 * Its number in the session.
 */
process: number, 
/**
 * How it is connected.
 */
mode: Mode, 
/**
 * Its program's name.
 */
title: string, 
/**
 * Its terminal's size.
 */
size: Size, 
/**
 * How it ended, once it has.
 */
exit?: ExitStatus, 
/**
 * How much of this client's input was accepted: the next `seq`.
 */
input: number, };
