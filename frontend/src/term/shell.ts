// What a shell's marks are good for in one terminal: the way from command to command, their output
// to copy or select. It only decorates: nothing is typed and nothing is kept from the program.

import type { IDisposable, Terminal } from "@xterm/xterm";
import { type Command, CommandList } from "../marks/commands";
import type { News } from "../marks/news";
import { type Hint, shownText } from "../marks/sequence";
import { Gutter } from "./gutter";
import { type Cell, type Place, PlaceKeeper, textBetween } from "./place";

/** What the emulator sends by itself when the focus comes and goes. */
const FOCUS_REPORTS = ["\x1b[I", "\x1b[O"];

/** Messages that may come at once, and milliseconds until one more may: a flood nobody can read. */
const MESSAGES = 5;
const MESSAGE_REST = 200;

export class Shell {
  private readonly terminal: Terminal;
  private readonly places: PlaceKeeper;
  private readonly list: CommandList<Place>;
  private readonly gutter: Gutter;
  private readonly listeners: IDisposable[];
  private readonly tell: (news: News) => void;
  /** The command that was gone to. */
  private at: Command<Place> | null = null;
  /** What comes is shown as it happens, and not later. */
  private timely = true;
  /** Messages that may come now, and when that was counted. */
  private messages = MESSAGES;
  private counted = performance.now();

  constructor(terminal: Terminal, tell: (news: News) => void) {
    this.terminal = terminal;
    this.tell = tell;
    this.places = new PlaceKeeper(terminal);
    this.list = new CommandList<Place>({
      here: () => this.places.here(),
      textFrom: (place) => shownText(this.places.textFrom(place).replaceAll("\n", " ")),
      drop: (place) => place.marker.dispose(),
    });
    this.gutter = new Gutter(terminal, {
      commands: () => this.commands(),
      current: () => this.at,
      go: (command) => this.go(command),
      chosen: (command) => this.select(command),
    });
    this.listeners = [
      terminal.onRender(() => this.gutter.draw()),
      terminal.onData((text) => {
        if (FOCUS_REPORTS.includes(text)) return;
        // Whoever types sees what is shown now, and looks at the prompt again.
        this.at = null;
        this.timely = true;
      }),
    ];
  }

  /** Takes in what a sequence says. */
  take(hint: Hint): void {
    if (hint.kind !== "mark") {
      if (hint.kind !== "notify" || this.mayTell()) this.tell(hint);
      return;
    }
    if (this.terminal.buffer.active.type === "alternate") return;
    this.sweep();
    const ended = this.list.take(hint.mark, this.timely ? performance.now() : null);
    this.gutter.later();
    if (ended !== null) {
      this.tell({ kind: "finished", status: ended.status, duration: ended.duration });
    }
  }

  /** Whether one more message may come. */
  private mayTell(): boolean {
    const now = performance.now();
    this.messages = Math.min(MESSAGES, this.messages + (now - this.counted) / MESSAGE_REST);
    this.counted = now;
    if (this.messages < 1) return false;
    this.messages -= 1;
    return true;
  }

  /** The terminal begins anew: a snapshot comes, or a program asked for it. */
  reset(): void {
    this.at = null;
    this.timely = true;
    this.list.clear();
    this.gutter.later();
  }

  /** The connection was lost, and what was missed comes now. */
  interrupted(): void {
    this.timely = false;
    this.list.interrupted();
  }

  /** The command that copying is about: the one that was gone to, else the last with an output. */
  subject(): Command<Place> | null {
    const all = this.commands();
    const has = ({ output, cut }: Command<Place>) => output !== null || cut;
    if (this.at !== null && has(this.at)) return this.at;
    return all.findLast(has) ?? null;
  }

  /** Goes to the command before or behind. Null if there is none. */
  jump(step: 1 | -1): Command<Place> | null {
    const { active } = this.terminal.buffer;
    if (active.type === "alternate") return null;
    const ran = this.commands().filter(
      (command) => command.state !== "prompt" && lineOf(command) !== -1,
    );
    const from = this.from();
    const found =
      step === -1
        ? ran.findLast((command) => lineOf(command) < from)
        : ran.find((command) => lineOf(command) > from);
    if (found !== undefined) {
      this.go(found);
      return found;
    }
    if (step === 1) {
      this.at = null;
      this.terminal.scrollToBottom();
      this.gutter.later();
    }
    return null;
  }

  /** The output of a command as text; null if there is none. */
  output(command: Command<Place>): { text: string; cut: boolean } | null {
    const ends = this.endsOf(command);
    if (ends === null) return null;
    const text = textBetween(this.terminal, ends.from, ends.to);
    return text === "" ? null : { text, cut: command.cut };
  }

  /** Selects the output of a command; false if there is none. */
  select(command: Command<Place>): boolean {
    const ends = this.endsOf(command);
    if (ends === null || this.output(command) === null) return false;
    const { from, to } = ends;
    const { cols } = this.terminal;
    const cells = (to.row - from.row) * cols + to.column - from.column;
    this.terminal.select(from.column, from.row, cells);
    return true;
  }

  /** Whether there are commands. */
  knows(): boolean {
    return this.commands().length > 0;
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
    this.places.dispose();
    this.gutter.dispose();
  }

  /** The row that a jump begins at. */
  private from(): number {
    const here = this.at === null ? -1 : lineOf(this.at);
    const { viewportY, baseY } = this.terminal.buffer.active;
    if (here !== -1) return here;
    return viewportY === baseY ? Number.POSITIVE_INFINITY : viewportY;
  }

  private go(command: Command<Place>): void {
    this.at = command;
    this.terminal.scrollToLine(Math.max(0, lineOf(command)));
    this.gutter.later();
  }

  private commands(): readonly Command<Place>[] {
    this.sweep();
    return this.list.all;
  }

  private endsOf(command: Command<Place>): { from: Cell; to: Cell } | null {
    const { normal } = this.terminal.buffer;
    if (command.output === null && !command.cut) return null;
    const from =
      command.output === null
        ? { row: 0, column: 0 }
        : { row: command.output.marker.line, column: command.output.column };
    const to =
      command.end === null
        ? { row: normal.baseY + normal.cursorY, column: normal.cursorX }
        : { row: command.end.marker.line, column: command.end.column };
    return { from, to };
  }

  /** Lets go of what is no longer in the buffer. */
  private sweep(): void {
    for (const command of [...this.list.all]) {
      const { prompt, output, end } = command;
      if (prompt?.marker.isDisposed === true) command.prompt = null;
      if (output?.marker.isDisposed === true) {
        command.output = null;
        command.cut = output.scrolledOut;
        if (!command.cut) this.list.forget(command);
      }
      const over = command.state === "done" || command.state === "prompt";
      const held = command.state === "done" ? end : prompt;
      if (over && (held === null || held.marker.isDisposed)) this.list.forget(command);
    }
    if (this.at !== null && !this.list.all.includes(this.at)) this.at = null;
  }
}

/** The row of a command's prompt; -1 without one. */
function lineOf({ prompt }: Command<Place>): number {
  return prompt?.marker.line ?? -1;
}
