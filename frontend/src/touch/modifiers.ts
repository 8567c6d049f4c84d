// Keys that stay down without a finger on them: a tap holds one for the next key, a second tap
// locks it, a third lets go.

/** How a modifier is held. */
export type Hold = "off" | "once" | "locked";

const NEXT: Readonly<Record<Hold, Hold>> = { off: "once", once: "locked", locked: "off" };

/** After a tap on it. */
export function tapped(hold: Hold): Hold {
  return NEXT[hold];
}

/** After another key was pressed with it. */
export function used(hold: Hold): Hold {
  return hold === "once" ? "off" : hold;
}
