// Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test generated`. Do not edit.

/**
 * Something for people to see, or to agree to.
 */
export type Notice = { "kind": "title", 
/**
 * What.
 */
text: string, } | { "kind": "notify", 
/**
 * Its heading.
 */
title?: string, 
/**
 * What.
 */
text: string, } | { "kind": "progress", 
/**
 * Per cent; without it nothing is known of the end.
 */
value?: number, 
/**
 * What it is about.
 */
text: string, } | { "kind": "open", 
/**
 * The address: `http`, `https` or `mailto`.
 */
url: string, } | { "kind": "clip", 
/**
 * The text.
 */
text: string, } | { "kind": "expiring", 
/**
 * How soon.
 */
seconds: number, };
