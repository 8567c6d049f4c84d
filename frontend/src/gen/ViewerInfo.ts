// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

import type { Role } from "./Role";

/**
 * A viewer as the others see it.
 */
export type ViewerInfo = { 
/**
 * Its number in the session.
 */
viewer: number, 
/**
 * What it may do.
 */
role: Role, 
/**
 * Who it is, as the server knows it.
 */
user?: string, 
/**
 * What it calls itself.
 */
label?: string, };
