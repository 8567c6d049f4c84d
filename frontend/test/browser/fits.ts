// Whether everything on the page has room for what it says.

import { expect } from "vitest";
import type { Visit } from "./visit";

/** Runs in the page: what is wider than its place or lies outside the window. */
function misfits(): string[] {
  // What programs write has an order of its own, and a field shows the part that is written in.
  const own = ".xterm, .text, .transcript, pre, textarea, input, select, option, svg";
  // Where it is for ears alone, or seen once it has the keyboard.
  const unseen = ".unseen, .to-text:not(:focus-visible)";
  const dialog = document.querySelector("dialog[open]");
  const found: string[] = [];
  for (const element of (dialog ?? document.body).querySelectorAll<HTMLElement>("*")) {
    if (
      element.closest(`${own}, ${unseen}`) !== null ||
      !element.checkVisibility({ visibilityProperty: true })
    ) {
      continue;
    }
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    let scrolls = false;
    for (let up = element.parentElement; up !== null; up = up.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(up);
      scrolls ||= /auto|scroll/.test(overflowX) || textOverflow === "ellipsis";
    }
    const name = `${element.tagName}.${element.className}: ${element.textContent.slice(0, 60)}`;
    const inside = box.left >= -1 && box.right <= innerWidth + 1;
    if (!inside && !scrolls) found.push(`outside ${name}`);
    const words = [...element.childNodes].some(
      ({ nodeType, textContent }) => nodeType === Node.TEXT_NODE && textContent?.trim() !== "",
    );
    const shortened = style.textOverflow === "ellipsis" || /auto|scroll/.test(style.overflowX);
    const wide = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;
    if (words && wide && !shortened && style.display !== "inline") found.push(`cut ${name}`);
  }
  return found;
}

/** Fails if anything is cut off, or lies outside the window. */
export async function expectFits(visit: Visit, state: string): Promise<void> {
  expect(await visit.page.evaluate(misfits), state).toEqual([]);
}
