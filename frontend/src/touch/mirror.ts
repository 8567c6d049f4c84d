// What an on-screen keyboard has written into the input surface, and what of it the program has.
// Keyboards change words long after they were typed; the difference is what is sent. Knows nothing
// of the page: it is told the text and the caret after each change and says what to send.

import { characters, edit } from "./diff";

/** One thing to send. */
export type Step = { key: "backspace" | "left" | "right"; times: number } | { text: string };

/** Characters of the surface: enough context for any keyboard; more is forgotten between words. */
export const MAX_SURFACE = 1024;

/** Scripts that are written by choosing among candidates: what is on its way is not yet text. */
const CHOSEN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u;

/** Updates of one composition from which on it was a word that grew, and not a single dead key. */
const WORD = 2;

/** A composition on its way. */
interface Composition {
  updates: number;
  /** Nothing of it is sent before it is finished. */
  held: boolean;
}

export class Mirror {
  /** What the surface holds and the program has. */
  private text = "";
  /** Where the program's cursor is in it. */
  private cursor = 0;
  /** Where the surface's caret was when it was last looked at. */
  private caret = 0;
  private composition: Composition | null = null;
  /** This keyboard composes plain words: they are sent as they grow. */
  private live = false;

  get composing(): boolean {
    return this.composition !== null;
  }

  /** Whether the program has exactly this. */
  holds(value: string): boolean {
    return value === this.text;
  }

  /** Whether something was written, rather than rubbed out. */
  adds(value: string): boolean {
    return edit(this.text, value).text !== "";
  }

  /** A composition begins. */
  compose(): void {
    this.composition = { updates: 0, held: !this.live };
  }

  /** What is written but not sent, to be shown at the cursor. */
  pending(value: string): string {
    return this.composition?.held === true ? edit(this.text, value).text : "";
  }

  /** The surface has changed. */
  change(value: string, caret: number): Step[] {
    const composition = this.composition;
    if (composition !== null) {
      composition.updates += 1;
      composition.held ||= CHOSEN.test(edit(this.text, value).text);
      if (composition.held) return [];
    }
    return this.send(value, caret);
  }

  /** The composition is over, and this is what it left. */
  finish(value: string, caret: number): Step[] {
    const composition = this.composition;
    this.composition = null;
    const written = edit(this.text, value).text;
    if (CHOSEN.test(written)) this.live = false;
    else if (composition !== null && composition.updates >= WORD) this.live = true;
    return this.send(value, caret);
  }

  /** The caret was moved in the surface, as keyboards do that have a pad for it. */
  move(caret: number): Step[] {
    if (this.composition !== null || caret === this.caret) return [];
    const from = this.cursor;
    this.cursor = this.caret = caret;
    const times = characters(this.text.slice(Math.min(from, caret), Math.max(from, caret))).length;
    if (times === 0) return [];
    return [{ key: caret < from ? "left" : "right", times }];
  }

  /** The line is another one now: what was written is no longer this surface's. */
  reset(): void {
    this.text = "";
    this.cursor = this.caret = 0;
    this.composition = null;
  }

  private send(value: string, caret: number): Step[] {
    const steps: Step[] = [];
    let after = this.text.slice(this.cursor);
    // A mark belongs to the character before it: the two are never told apart by the cursor.
    if (!value.endsWith(after) || /^[\p{M}\u200d]/u.test(after)) {
      steps.push({ key: "right", times: characters(after).length });
      after = "";
    }
    const before = this.text.slice(0, this.text.length - after.length);
    const head = value.slice(0, value.length - after.length);
    const { back, text } = edit(before, head);
    if (back > 0) steps.push({ key: "backspace", times: back });
    if (text !== "") steps.push({ text });
    this.text = value;
    this.cursor = head.length;
    this.caret = caret;
    return steps;
  }
}
