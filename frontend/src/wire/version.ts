// Which version of the protocol is spoken.

/** The version that this page says in its hello. */
export const VERSION = 1;
