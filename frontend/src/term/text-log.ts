// Output of a pipe as text of the page: bounded, decoded as it comes, followed to its end unless
// somebody scrolled up. A line that is a JSON object or list can be unfolded.

import { signal } from "@preact/signals";
import { inDigits, say } from "../strings";

/** Characters kept: a long log of lines, and little enough for a browser to lay out. */
const MAX_KEPT = 1024 * 1024;

/** Characters of one block: what is laid out anew when a line is added. */
const BLOCK = 8 * 1024;

/** Characters of a line before it is broken: it must not grow past what can be let go of. */
const MAX_LINE = 8 * BLOCK;

/** CSS pixels from the end within which the reader counts as being at the end. */
const NEAR_END = 24;

export class TextLog {
  readonly element: HTMLElement;
  /** Lines that came so far. */
  readonly lines = signal(0);
  private readonly decoders = new Map<string, TextDecoder>();
  private block: Text | null = null;
  private kind = "";
  private kept = 0;

  constructor(element: HTMLElement) {
    this.element = element;
  }

  /** Adds bytes. What is no UTF-8 is shown as such. Bytes of another kind begin a line. */
  append(bytes: Uint8Array, kind = ""): void {
    let decoder = this.decoders.get(kind);
    if (decoder === undefined) {
      decoder = new TextDecoder();
      this.decoders.set(kind, decoder);
    }
    const text = decoder.decode(bytes, { stream: true });
    if (kind !== this.kind) {
      this.kind = kind;
      this.block = null;
    }
    this.text(text);
  }

  /** Says that something is missing here. */
  gap(bytes: number): void {
    this.text(`\n[${say("pipe.gap", { count: inDigits(bytes) })}]\n`);
  }

  private text(text: string): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const following = scrollHeight - clientHeight - scrollTop < NEAR_END;
    let ends = 0;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) ends += 1;
    this.lines.value += ends;
    for (let at = 0; at < text.length; ) {
      const end = this.endOfPart(text, at);
      this.part(text.slice(at, end));
      at = end;
    }
    while (this.kept > MAX_KEPT && this.element.firstChild !== this.element.lastChild) {
      const oldest = this.element.firstChild;
      this.kept -= oldest?.textContent?.length ?? 0;
      oldest?.remove();
    }
    if (following) this.element.scrollTop = this.element.scrollHeight;
  }

  /** Blocks end with a line where they can, and are never much longer than they should be. */
  private endOfPart(text: string, at: number): number {
    const end = Math.min(text.length, at + BLOCK);
    const json = this.jsonWithin(text, at, end);
    if (json !== -1) return json;
    if (end === text.length) return end;
    const line = text.lastIndexOf("\n", end);
    return line > at ? line + 1 : end;
  }

  /** Where to stop so that a line that may be JSON begins or ends a part; -1 for nowhere. */
  private jsonWithin(text: string, at: number, end: number): number {
    const begins = this.block === null || this.block.data.endsWith("\n");
    if (begins && /[{[]/.test(text[at] ?? "")) {
      const line = text.indexOf("\n", at);
      return line === -1 || line >= end ? -1 : line + 1;
    }
    const next = /\n[{[]/.exec(text.slice(at, end));
    return next === null ? -1 : at + next.index + 1;
  }

  /** A block ends with a line, unless the line has no end. */
  private mayEnd(block: Text): boolean {
    return block.data.endsWith("\n") || block.length > MAX_LINE;
  }

  private part(text: string): void {
    const full = this.block !== null && this.block.length + text.length > BLOCK;
    const begins = this.block === null || this.block.data.endsWith("\n");
    const folded = begins ? foldable(text) : null;
    if (folded !== null) {
      this.add(folded);
      this.block = null;
    } else {
      if (this.block === null || (full && this.mayEnd(this.block))) {
        const element = document.createElement("div");
        this.block = document.createTextNode("");
        element.append(this.block);
        this.add(element);
      }
      this.block.appendData(text);
    }
    this.kept += text.length;
  }

  private add(element: HTMLElement): void {
    if (this.kind !== "") element.className = this.kind;
    this.element.append(element);
  }
}

/** A line of JSON that has something in it, as an element that unfolds; else null. */
function foldable(text: string): HTMLElement | null {
  if (!/^[{[].*[}\]]\r?\n$/.test(text)) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return null;
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = text;
  details.append(summary);
  // Most are never unfolded, and cost nothing more until they are.
  const unfold = () => {
    const whole = document.createElement("pre");
    whole.textContent = JSON.stringify(value, null, 2);
    details.append(whole);
  };
  details.addEventListener("toggle", unfold, { once: true });
  return details;
}
