// The modifiers of the key row, as the row shows them and typing uses them.

import { signal } from "@preact/signals";
import { type Modifiers, withModifiers } from "../../touch/keys";
import { type Hold, tapped, used } from "../../touch/modifiers";

const holds = { ctrl: signal<Hold>("off"), alt: signal<Hold>("off") };

/** How a modifier is held now. */
export function holdOf(name: "ctrl" | "alt"): Hold {
  return holds[name].value;
}

/** A tap on a modifier. */
export function tapModifier(name: "ctrl" | "alt"): void {
  holds[name].value = tapped(holds[name].value);
}

/** Whether any is held. */
export function anyHeld(): boolean {
  return holds.ctrl.value !== "off" || holds.alt.value !== "off";
}

/** What is held for the next key; a modifier that was held for one key is let go. */
export function takeHeld(): Modifiers {
  const taken = { ctrl: holds.ctrl.value !== "off", alt: holds.alt.value !== "off" };
  for (const hold of [holds.ctrl, holds.alt]) hold.value = used(hold.value);
  return taken;
}

/** The bytes of typed text, its characters each with what is held at that moment. */
export function heldText(text: string): string {
  return Array.from(text, (character) => withModifiers(character, takeHeld())).join("");
}
