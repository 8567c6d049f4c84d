// Output of a pipe as text of the page: bounded, decoded as it comes, followed to its end unless
// somebody scrolled up.

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
  private readonly decoder = new TextDecoder();
  private block: Text | null = null;
  private kept = 0;

  constructor(element: HTMLElement) {
    this.element = element;
  }

  /** Adds bytes. What is no UTF-8 is shown as such. */
  append(bytes: Uint8Array): void {
    this.text(this.decoder.decode(bytes, { stream: true }));
  }

  /** Says that something is missing here. */
  gap(bytes: number): void {
    this.text(`\n[${bytes} bytes are no longer held]\n`);
  }

  private text(text: string): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const following = scrollHeight - clientHeight - scrollTop < NEAR_END;
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
    if (text.length - at <= BLOCK) return text.length;
    const line = text.lastIndexOf("\n", at + BLOCK);
    return line > at ? line + 1 : at + BLOCK;
  }

  /** A block ends with a line, unless the line has no end. */
  private mayEnd(block: Text): boolean {
    return block.data.endsWith("\n") || block.length > MAX_LINE;
  }

  private part(text: string): void {
    const full = this.block !== null && this.block.length + text.length > BLOCK;
    if (this.block === null || (full && this.mayEnd(this.block))) {
      const element = document.createElement("div");
      this.block = document.createTextNode("");
      element.append(this.block);
      this.element.append(element);
    }
    this.block.appendData(text);
    this.kept += text.length;
  }
}
