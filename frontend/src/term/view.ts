// One terminal on the page: the only file that holds the emulator's object. What it shows comes in
// order through `output`, `snapshot` and `resize`; what the person does goes out through its events.

import { effect, untracked } from "@preact/signals";
import { Terminal } from "@xterm/xterm";
import { settings } from "../settings/settings";
import { beyondAscii } from "./ascii";
import { hearCopies } from "./clipboard";
import type { TerminalEvents, TerminalStart } from "./events";
import { Fit } from "./fit";
import type { Size } from "./guess";
import { heedImages } from "./images";
import { installKeys } from "./keys";
import { linesOf } from "./lines";
import { findLinks, linkHandler, noLinks } from "./links";
import { Older } from "./older";
import { optionsOf } from "./options";
import { takePastes } from "./pasting";
import { swallowQueries } from "./queries";
import { leaseCard } from "./renderer";
import { Sequence } from "./sequence";
import { theme } from "./theme";
import { offerTouch } from "./touchable";

/** Characters of a title: more fits on no line, and a program may print megabytes. */
const MAX_TITLE = 256;

/** Everything a title must not bring into the page: controls, and marks that turn text around. */
const UNWANTED = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** What the emulator sends by itself when the focus comes and goes. */
const FOCUS_REPORTS = ["\x1b[I", "\x1b[O"];

/** Resets the emulator, as bytes: it happens in the same breath as what is written after it. */
const RESET = new Uint8Array([0x1b, 0x63]);

export class TerminalView {
  private readonly terminal: Terminal;
  private readonly alone: boolean;
  private readonly sequence: Sequence;
  private readonly older: Older;
  private readonly events: TerminalEvents;
  private readonly encoder = new TextEncoder();
  private readonly stopSettings: () => void;
  private fit: Fit | null = null;
  private stopTouch: () => void = () => {};
  private replay: boolean;
  private measured = false;
  private snapshots = 0;
  private visible = true;
  private mine = true;
  private returnCard: () => void = () => {};

  constructor(start: TerminalStart, events: TerminalEvents) {
    this.events = events;
    this.replay = start.replay;
    this.alone = start.alone;
    this.terminal = new Terminal({
      ...start.size,
      ...optionsOf(settings.value),
      theme: theme.value,
      linkHandler: start.alone ? noLinks : linkHandler,
      macOptionIsMeta: true,
      rightClickSelectsWord: false,
    });
    this.sequence = new Sequence(this.terminal);
    this.older = new Older(this.terminal);
    const quiet = () => start.quiet || this.replay || this.snapshots > 0;
    swallowQueries(this.terminal.parser, quiet);
    const heard = () => !this.replay && this.snapshots === 0;
    hearCopies(this.terminal.parser, heard, events.copied);
    heedImages(this.terminal);
    this.terminal.onData((text) => this.typed(text));
    this.terminal.onBinary((text) => {
      events.typed(Uint8Array.from(text, (character) => character.charCodeAt(0)));
    });
    this.terminal.onTitleChange((title) => {
      events.titled(title.slice(0, MAX_TITLE).replace(UNWANTED, ""));
    });
    this.terminal.onBell(() => {
      const { bell } = settings.value;
      if (bell === "off" || !heard()) return;
      void import("./bell").then(({ ring }) => ring(this.terminal, bell));
    });
    this.stopSettings = effect(() => {
      Object.assign(this.terminal.options, optionsOf(settings.value));
      this.older.forget();
      this.terminal.options.theme = theme.value;
      untracked(() => this.fit?.restyled());
    });
  }

  /** Shows it in an element of the page. */
  mount(host: HTMLElement): void {
    this.terminal.open(host);
    this.fit = new Fit(this.terminal, host, this.events);
    this.fit.decides(this.mine);
    if (this.alone) {
      this.terminal.onSelectionChange(() => {
        if (this.terminal.hasSelection()) this.terminal.clearSelection();
      });
    } else {
      void findLinks(this.terminal, this.events.path);
      if (this.events.older !== null) this.older.watch(this.events.older);
      installKeys(this.terminal, { copied: () => {}, tabMoves: this.events.tabMoves });
    }
    if (this.visible) this.lease();
    const paste = takePastes(this.terminal, this.alone, this.events.doubtful);
    this.stopTouch = offerTouch({ terminal: this.terminal, paste });
  }

  /** It can be seen from now on, or no longer. */
  show(visible: boolean): void {
    this.visible = visible;
    this.returnCard();
    this.returnCard = () => {};
    if (visible && this.fit !== null) this.lease();
  }

  /** Whether it is this window that decides the size. */
  decides(mine: boolean): void {
    this.mine = mine;
    this.fit?.decides(mine);
  }

  /** Bytes of the program; `parsed` is called once they are on the screen's grid. */
  output(bytes: Uint8Array, parsed: () => void): void {
    this.write(bytes, parsed);
  }

  /** Replaces everything that is shown. */
  snapshot(size: Size, bytes: Uint8Array, parsed: () => void): void {
    let goOn = () => {};
    this.sequence.afterwards(() => {
      this.snapshots += 1;
      goOn = this.older.keepPlace();
      this.terminal.resize(size.cols, size.rows);
      this.fit?.resized();
    });
    const whole = new Uint8Array(RESET.length + bytes.length);
    whole.set(RESET);
    whole.set(bytes, RESET.length);
    this.write(whole, () => {
      this.snapshots -= 1;
      goOn();
      parsed();
    });
  }

  /** The program writes for this size, after what came before. */
  resize(size: Size, done: () => void): void {
    this.sequence.afterwards(() => {
      this.terminal.resize(size.cols, size.rows);
      this.fit?.resized();
      done();
    });
  }

  /** Does something once everything before it is on the grid. */
  afterwards(act: () => void): void {
    this.sequence.afterwards(act);
  }

  focus(): void {
    this.terminal.focus();
  }

  /** No more keys: the program is gone. */
  finish(): void {
    this.terminal.options.disableStdin = true;
    this.terminal.write("\x1b[?25l");
  }

  /** Gives the emulator's object to a part of the page that is loaded for one purpose. */
  lend<A>(to: (terminal: Terminal) => A): A {
    return to(this.terminal);
  }

  /** The rows that are in view, scrolled or not. */
  screenText(): string[] {
    const buffer = this.terminal.buffer.active;
    return Array.from({ length: this.terminal.rows }, (_, row) => {
      return buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? "";
    });
  }

  /** Every line that is held, in order. */
  lines(): string[] {
    return linesOf(this.terminal);
  }

  scrollbackLength(): number {
    return this.terminal.buffer.normal.baseY;
  }

  dispose(): void {
    this.stopTouch();
    this.stopSettings();
    this.returnCard();
    this.fit?.dispose();
    this.terminal.dispose();
  }

  private lease(): void {
    this.returnCard = leaseCard(this.terminal, (renderer) => {
      this.events.drawnBy(renderer);
      this.fit?.again();
    });
  }

  private write(bytes: Uint8Array, parsed: () => void): void {
    // The first text that is not ASCII waits for the widths of its characters.
    if (!this.measured && beyondAscii(bytes)) {
      this.measured = true;
      const widths = import("./widths").then(({ useWidths }) => useWidths(this.terminal));
      this.sequence.wait(widths);
    }
    this.sequence.write(bytes, parsed);
  }

  private typed(text: string): void {
    // Whoever types has seen the screen: from here on the program asks the one in front of it.
    if (!FOCUS_REPORTS.includes(text)) this.replay = false;
    this.events.typed(this.encoder.encode(text));
  }
}
