/** The version of the protocol that this page speaks. */
export const VERSION = 1;
