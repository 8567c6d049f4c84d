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
text: string, } | { "kind": "offer", 
/**
 * Which one.
 */
offer: number, 
/**
 * What it is called.
 */
name: string, 
/**
 * Its bytes.
 */
size: number, } | { "kind": "upload", 
/**
 * The question.
 */
ask: number, 
/**
 * What for.
 */
text: string, 
/**
 * Which kinds, as a page's file chooser takes it.
 */
accept?: string, 
/**
 * Where it goes, if not to a folder of its own.
 */
path?: string, } | { "kind": "secret", 
/**
 * The question.
 */
ask: number, 
/**
 * What for.
 */
text: string, 
/**
 * It is none: what is typed may be seen.
 */
shown?: boolean, } | { "kind": "confirm", 
/**
 * The question.
 */
ask: number, 
/**
 * To what.
 */
text: string, } | { "kind": "answered", 
/**
 * Which one.
 */
ask: number, } | { "kind": "expiring", 
/**
 * How soon.
 */
seconds: number, };
