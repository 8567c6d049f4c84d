// A phone, as the browser emulates one: touch, a narrow screen, and what an on-screen keyboard does.

import type { CDPSession } from "playwright-core";
import { Visit, type VisitOptions } from "./visit";

/** CSS pixels of a phone in the hand. */
const PHONE = { width: 390, height: 844 };

/** What is left of it above the keyboard. */
export const ABOVE_KEYBOARD = 508;

/** A place in the window. */
export type Spot = readonly [x: number, y: number];

type Awp = { awp: { screenText(pane: number): string[] } };

export class Phone {
  readonly visit: Visit;
  readonly cdp: CDPSession;
  private began = 0;

  private constructor(visit: Visit, cdp: CDPSession) {
    this.visit = visit;
    this.cdp = cdp;
  }

  static async to(url: string, options: VisitOptions = {}): Promise<Phone> {
    const visit = await Visit.to(url, { ...PHONE, scale: 2, touch: true, ...options });
    await visit.live();
    const cdp = await visit.page.context().newCDPSession(visit.page);
    await visit.until("the input surface", () => {
      return document.activeElement?.hasAttribute("data-terminal-input") === true;
    });
    return new Phone(visit, cdp);
  }

  /**
   * Puts fingers down, moves them or lifts them: now, or where the speed matters at a time of the
   * gesture in milliseconds, whatever the machine is busy with.
   */
  async touch(
    type: "touchStart" | "touchMove" | "touchEnd",
    points: readonly Spot[] = [],
    at?: number,
  ): Promise<void> {
    if (at === 0) this.began = Date.now();
    const touchPoints = points.map(([x, y], id) => ({ x, y, id }));
    const when = at === undefined ? {} : { timestamp: (this.began + at) / 1000 };
    await this.cdp.send("Input.dispatchTouchEvent", { type, touchPoints, ...when });
  }

  /** Draws a finger from one place to another. */
  async swipe([x, y]: Spot, [toX, toY]: Spot, milliseconds?: number): Promise<void> {
    const at = (part: number) => (milliseconds === undefined ? undefined : milliseconds * part);
    await this.touch("touchStart", [[x, y]], at(0));
    for (let step = 1; step <= 10; step += 1) {
      const part = step / 10;
      await this.touch("touchMove", [[x + (toX - x) * part, y + (toY - y) * part]], at(part));
    }
    await this.touch("touchEnd", [], at(1));
  }

  /** Rests a finger on a place until its long press is noticed, and lifts it. */
  async press(at: Spot): Promise<void> {
    await this.touch("touchStart", [at]);
    await this.visit.until("a selection", () => document.querySelector(".handle") !== null);
    await this.touch("touchEnd", []);
  }

  /** A key of the row. */
  async key(name: string): Promise<void> {
    await this.visit.page.getByRole("button", { name, exact: true }).tap();
  }

  /** What an input method shows before it has decided. */
  async compose(...texts: string[]): Promise<void> {
    for (const text of texts) {
      const end = text.length;
      const at = { text, selectionStart: end, selectionEnd: end };
      await this.cdp.send("Input.imeSetComposition", at);
    }
  }

  /** Text that comes at once: a chosen candidate, a swiped word, a dictated sentence. */
  async insert(text: string): Promise<void> {
    await this.cdp.send("Input.insertText", { text });
  }

  /** Replaces a part of what was typed, as corrections do. */
  async replace(from: number, to: number, text: string): Promise<void> {
    await this.visit.page.evaluate(
      ([start, end]) => {
        (document.activeElement as HTMLTextAreaElement).setSelectionRange(start, end);
      },
      [from, to] as const,
    );
    await this.insert(text);
  }

  /** Moves the caret within the surface, as a keyboard does that has a pad for it. */
  async caret(at: number): Promise<void> {
    await this.visit.page.evaluate((where) => {
      (document.activeElement as HTMLTextAreaElement).setSelectionRange(where, where);
      return new Promise((done) => requestAnimationFrame(done));
    }, at);
  }

  /** Keeps the next bytes that are typed, for a program that wants to be told of a paste or not. */
  async recordBytes(count: number, pastes = false): Promise<void> {
    const { visit } = this;
    const mode = `printf '\\033[?2004${pastes ? "h" : "l"}'`;
    const read = `x=$(head -c ${count} | od -An -tx1 -w8 -v)`;
    await visit.line(
      `clear; stty raw -echo; ${mode}; echo re''ady; ${read}; stty sane; echo "$x" do''ne`,
    );
    await visit.sees("ready");
  }

  /** The bytes that were typed since `recordBytes`. */
  async bytes(): Promise<Buffer> {
    await this.visit.sees("done");
    const rows = await this.visit.screen();
    const hex = rows.flatMap((row) => row.match(/^\s+([0-9a-f]{2}\b ?)+/)?.[0] ?? []).join(" ");
    return Buffer.from(hex.replace(/\s/g, ""), "hex");
  }

  /** Waits until a row of the screen is exactly this. */
  async row(text: string): Promise<void> {
    await this.visit.until(
      `a row "${text}"`,
      (wanted) => {
        const { awp } = window as unknown as Awp;
        return awp.screenText(0).some((row) => row.trimEnd() === wanted);
      },
      text,
    );
  }

  /** Where a text stands on the screen: the middle of its first character. */
  async find(text: string): Promise<Spot> {
    await this.visit.sees(text);
    const found = await this.visit.page.evaluate((wanted) => {
      const { awp } = window as unknown as Awp;
      const rows = awp.screenText(0);
      const row = rows.findIndex((line) => line.includes(wanted));
      const screen = document.querySelector(".xterm-screen")?.getBoundingClientRect();
      const cols = (window as never as { awp: { panes(): { cols: number }[] } }).awp.panes()[0]
        ?.cols;
      if (screen === undefined || cols === undefined) return null;
      const col = rows[row]?.indexOf(wanted) ?? 0;
      const x = screen.left + ((col + 0.5) * screen.width) / cols;
      const y = screen.top + ((row + 0.5) * screen.height) / rows.length;
      return [x, y] as Spot;
    }, text);
    if (found === null) throw new Error("there is no terminal");
    return found;
  }

  /** The keyboard slides in or out: the window changes in steps. */
  async slide(to: number): Promise<void> {
    const { page } = this.visit;
    const from = page.viewportSize()?.height ?? PHONE.height;
    const width = page.viewportSize()?.width ?? PHONE.width;
    const steps = [1, 2, 3, 4, 5, 6].map((step) => {
      const height = Math.round(from + ((to - from) * step) / 6);
      return page.setViewportSize({ width, height });
    });
    await Promise.all(steps);
  }

  async end(): Promise<void> {
    await this.visit.end();
  }
}
