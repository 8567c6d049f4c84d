// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

import type { Layout } from "./Layout";
import type { ViewerInfo } from "./ViewerInfo";

/**
 * A session as a whole, as its viewers see it.
 */
export type SessionInfo = { 
/**
 * The viewer that is told.
 */
you: number, 
/**
 * The session's name, if it has one.
 */
name?: string, 
/**
 * Whose window decides the size of its terminals, as the configuration names it.
 */
size_policy: string, 
/**
 * The viewer whose window does under the policy `active`: who typed last.
 */
active?: number, 
/**
 * How many are there; in a crowd about as many, so that not everybody is told of every one.
 */
count: number, 
/**
 * Whom the session is for has to log in again: nothing is shown or taken until then. Whoever
 * sits before the login program shows it as process 0.
 */
locked?: boolean, 
/**
 * Who is there, in the order in which they came; of a crowd the first.
 */
viewers: Array<ViewerInfo>, 
/**
 * The number of the layout.
 */
revision: number, 
/**
 * How the processes are laid out.
 */
layout: Layout, };
