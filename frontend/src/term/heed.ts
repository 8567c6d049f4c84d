// Hears what shells and programs tell a terminal beside their text. Most terminals never do, so that
// what understands it is loaded with the first such sequence; until it is there the terminal waits,
// since a mark belongs to the place where the cursor is.

import type { ITerminalAddon, Terminal } from "@xterm/xterm";
import type { News } from "../marks/news";
import type { Shell } from "./shell";

/** The numbers of those sequences, as in marks/sequence.ts. */
const CODES = [7, 9, 133, 633, 777];

/** Those that belong to no place in the text: they may be understood later. */
const PLACELESS = [7, 9, 777];

/** How many of them wait for the part that understands them. */
const MAX_MISSED = 16;

/** Milliseconds for which the terminal waits: without marks it is still a terminal. */
const PATIENCE = 2000;

export class Heed implements ITerminalAddon {
  /** What is known of the terminal's shell, once it told something. */
  shell: Shell | null = null;
  private readonly tell: (news: News) => void;
  private take: ((code: number, data: string) => void) | null = null;
  private loading: Promise<void> | null = null;
  private gone = false;
  /** What came while the terminal did not wait any longer. */
  private missed: (readonly [code: number, data: string])[] = [];

  constructor(tell: (news: News) => void) {
    this.tell = tell;
  }

  activate(terminal: Terminal): void {
    for (const code of CODES) {
      terminal.parser.registerOscHandler(code, (data) => this.heard(terminal, code, data));
    }
    terminal.parser.registerEscHandler({ final: "c" }, () => {
      this.shell?.reset();
      return false;
    });
    terminal.onBell(() => this.tell({ kind: "bell" }));
  }

  dispose(): void {
    this.gone = true;
    this.shell?.dispose();
  }

  private heard(terminal: Terminal, code: number, data: string): true | Promise<true> {
    if (this.take !== null) {
      this.take(code, data);
      return true;
    }
    this.loading ??= this.load(terminal);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((done) => {
      timer = setTimeout(done, PATIENCE);
    });
    return Promise.race([this.loading, late]).then(() => {
      clearTimeout(timer);
      if (this.take !== null) this.take(code, data);
      else if (PLACELESS.includes(code)) {
        this.missed = [...this.missed, [code, data] as const].slice(-MAX_MISSED);
      }
      return true;
    });
  }

  private async load(terminal: Terminal): Promise<void> {
    try {
      const [{ Shell }, { hintOf }] = await Promise.all([
        import("./shell"),
        import("../marks/sequence"),
      ]);
      if (this.gone) return;
      const shell = new Shell(terminal, this.tell);
      this.shell = shell;
      this.take = (code, data) => {
        const hint = hintOf(code, data);
        if (hint !== null) shell.take(hint);
      };
      for (const [code, data] of this.missed.splice(0)) this.take(code, data);
    } catch {
      // A page without that part shows the text as it is; with the next sequence it tries again.
      this.loading = null;
    }
  }
}
