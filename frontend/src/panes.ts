// What shows one process: a terminal, or the texts of its pipes.

import { effect, signal } from "@preact/signals";
import type { Channel } from "./gen/Channel";
import type { ExitStatus } from "./gen/ExitStatus";
import type { ProcessInfo } from "./gen/ProcessInfo";
import type { Size } from "./gen/Size";
import type { News } from "./marks/news";
import type { Doubt } from "./paste/doubt";
import type { Connection } from "./session/connection";
import { say } from "./strings";
import type { PaneReport } from "./surface";
import type { TerminalStart } from "./term/events";
import { Heed } from "./term/heed";
import type { Shell } from "./term/shell";
import { TextLog } from "./term/text-log";
import { TerminalView } from "./term/view";
import { keysOf } from "./ui/chords";
import * as page from "./ui/model";
import { ProcessModel } from "./ui/model";
import type { Bytes } from "./wire/frame";

/** What a person can do in a pane. */
export interface PaneActions {
  typed(process: number, bytes: Bytes): void;
  ended(process: number): void;
  wanted(process: number, size: Size): void;
  /** What the terminal shows is wanted anew, with up to so many lines above it. */
  refresh(process: number, lines?: number): void;
  /** The pane has a tab of its own. */
  alone(process: number): boolean;
  /** A path in its text was asked for. */
  path(process: number, path: string): void;
  /** The program wants something copied; in base64. */
  copied(process: number, sent: string): void;
  /** Something is to be pasted that needs the person's word. */
  doubtful(process: number, doubt: Doubt): void;
  /** Its program tells something beside its text. */
  news(model: ProcessModel, news: News): void;
}

/** How a pane begins. */
type PaneStart = Omit<TerminalStart, "size">;

/** Milliseconds that a terminal is kept while it cannot be seen: going back and forth costs nothing,
 * and what is not looked at costs no memory. */
const KEPT_HIDDEN = 30_000;

/** Lines of input that can be found again. */
const MAX_HISTORY = 200;

/** What a session needs of a pane, whatever it looks like. */
export interface Pane {
  readonly model: ProcessModel;
  /** The commands of its shell, once that told of them. */
  readonly shell: Shell | null;
  output(channel: Channel, bytes: Bytes, consumed: () => void): void;
  snapshot(size: Size, skipped: number, bytes: Bytes, consumed: () => void): void;
  resized(size: Size): void;
  gap(channel: Channel, bytes: number): void;
  exited(status: ExitStatus, told?: () => void): void;
  /** It can be seen from now on, or no longer. */
  show(visible: boolean): void;
  /** The connection is back. */
  reconnected(): void;
  /** The session is left for good: nothing outside holds the pane any more. */
  leave(): void;
  /** The connection is over: nothing is typed any more. */
  finish(): void;
  screenText(): string[];
  scrollbackLength(): number;
  report(connection: Connection): PaneReport;
}

/** Makes the pane that a process needs. */
export function makePane(info: ProcessInfo, start: PaneStart, actions: PaneActions): Pane {
  const model = new ProcessModel(info.process, info.mode, info.title, info.size);
  return info.mode === "pty" || info.mode === "pty+err"
    ? new TerminalPane(model, start, actions)
    : new PipePane(model, actions);
}

function report(model: ProcessModel, channel: Channel, connection: Connection): PaneReport {
  const { process } = model;
  const ended = model.exit.value !== null;
  const live = model.behind.value && page.state.value === "live" ? "behind" : page.state.value;
  return {
    session: page.session.value ?? "",
    process,
    title: model.label.value,
    ...model.size.value,
    role: page.role.value,
    state: ended ? "ended" : live,
    renderer: model.renderer.value,
    offset: connection.offset({ process, channel }),
    visible: model.visible.value,
    focused: process === page.focused.value,
  };
}

export class TerminalPane implements Pane {
  readonly model: ProcessModel;
  /** The terminal; none while it was given up. */
  readonly view = signal<TerminalView | null>(null);
  /** What does not come on the terminal, where it was split off. */
  readonly stderr: TextLog | null;
  readonly leave: () => void;
  private readonly actions: PaneActions;
  private readonly start: PaneStart;
  private cancel: ReturnType<typeof setTimeout> | undefined;
  /** A new terminal waits for what it is to show. */
  private waking = false;
  private over = false;
  private heed: Heed | null = null;

  constructor(model: ProcessModel, start: PaneStart, actions: PaneActions) {
    this.model = model;
    this.stderr = model.mode === "pty+err" ? new TextLog(document.createElement("div")) : null;
    this.start = start;
    this.actions = actions;
    this.view.value = this.makeView(start);
    this.leave = effect(() => this.view.value?.decides(page.decides.value));
  }

  output(channel: Channel, bytes: Bytes, consumed: () => void): void {
    if (channel === "stderr") {
      this.stderr?.append(bytes);
      consumed();
      return;
    }
    const { value: view } = this.view;
    if (view === null || this.waking) consumed();
    else view.output(bytes, consumed);
  }

  snapshot(size: Size, skipped: number, bytes: Bytes, consumed: () => void): void {
    const { value: view } = this.view;
    this.model.size.value = size;
    if (view === null) {
      consumed();
      return;
    }
    this.waking = false;
    this.model.behind.value = skipped > 0;
    view.snapshot(size, bytes, () => {
      this.model.behind.value = false;
      this.model.size.value = size;
      consumed();
    });
    if (this.over) view.afterwards(() => view.finish());
  }

  resized(size: Size): void {
    const { value: view } = this.view;
    if (view === null) this.model.size.value = size;
    view?.resize(size, () => {
      this.model.size.value = size;
    });
  }

  gap(channel: Channel, bytes: number): void {
    if (channel === "stderr") this.stderr?.gap(bytes);
    // What is missing lies above what is held; the bytes that come next say what the screen shows.
  }

  exited(status: ExitStatus, told = () => {}): void {
    const { value: view } = this.view;
    this.over = true;
    const tell = () => {
      this.model.ended(status);
      view?.finish();
      told();
    };
    if (view === null) tell();
    else view.afterwards(tell);
  }

  finish(): void {
    this.over = true;
    const { value: view } = this.view;
    view?.afterwards(() => view.finish());
  }

  show(visible: boolean): void {
    if (visible === this.model.visible.value) return;
    this.model.visible.value = visible;
    clearTimeout(this.cancel);
    this.view.value?.show(visible);
    if (!visible && this.model.renderer.value === "webgl") this.model.renderer.value = "dom";
    if (!visible) this.cancel = setTimeout(() => this.giveUp(), KEPT_HIDDEN);
    else if (this.view.value === null) {
      this.waking = true;
      this.model.renderer.value = "dom";
      this.view.value = this.makeView({ ...this.start, replay: true });
      this.actions.refresh(this.model.process);
    }
  }

  reconnected(): void {
    if (this.waking) this.actions.refresh(this.model.process);
    this.shell?.interrupted();
  }

  screenText(): string[] {
    return this.view.value?.screenText() ?? [];
  }

  /** Every line that the terminal holds, in order. */
  lines(): string[] {
    return this.view.value?.lines() ?? [];
  }

  get shell(): Shell | null {
    return this.view.value === null ? null : (this.heed?.shell ?? null);
  }

  scrollbackLength(): number {
    return this.view.value?.scrollbackLength() ?? 0;
  }

  report(connection: Connection): PaneReport {
    return report(this.model, "tty", connection);
  }

  /** What the server can show again is not kept by the page. */
  private giveUp(): void {
    if (page.state.value === "ended" || page.state.value === "lost") return;
    this.view.value?.dispose();
    this.view.value = null;
    this.model.renderer.value = "none";
  }

  private makeView(start: PaneStart): TerminalView {
    const { model, actions } = this;
    const { process } = model;
    const view = new TerminalView(
      { ...start, size: model.size.value },
      {
        typed: (bytes) => actions.typed(process, bytes),
        titled: (title) => {
          model.title.value = title;
        },
        wanted: (size) => actions.wanted(process, size),
        alone: () => actions.alone(process),
        boxed: (boxed) => {
          model.boxed.value = boxed;
        },
        drawnBy: (renderer) => {
          model.renderer.value = renderer;
        },
        path: (path) => actions.path(process, path),
        copied: (sent) => actions.copied(process, sent),
        doubtful: (doubt) => actions.doubtful(process, doubt),
        older: (lines) => actions.refresh(process, lines),
        tabMoves: (on) => {
          page.remark.value = on
            ? say("status.tabMoves", { keys: keysOf("tabMoves") })
            : say("status.tabStays");
        },
      },
    );
    if (start.alone) return view;
    const heed = new Heed((news) => actions.news(model, news));
    view.lend((terminal) => terminal.loadAddon(heed));
    this.heed = heed;
    return view;
  }
}

export class PipePane implements Pane {
  readonly model: ProcessModel;
  readonly shell = null;
  readonly stdout = new TextLog(document.createElement("div"));
  readonly stderr = new TextLog(document.createElement("div"));
  /** Both, in the order in which they came. */
  readonly merged = new TextLog(document.createElement("div"));
  /** Lines that were sent, the last one last. */
  readonly sent: string[] = [];
  private readonly actions: PaneActions;
  private readonly encoder = new TextEncoder();

  constructor(model: ProcessModel, actions: PaneActions) {
    this.model = model;
    this.actions = actions;
    model.renderer.value = "none";
  }

  /** Sends a line to the program's standard input. */
  send(line: string): void {
    if (line !== "" && line !== this.sent.at(-1)) this.sent.push(line);
    if (this.sent.length > MAX_HISTORY) this.sent.shift();
    this.actions.typed(this.model.process, this.encoder.encode(`${line}\n`));
  }

  /** Tells the program that no more input comes. */
  end(): void {
    this.actions.ended(this.model.process);
  }

  output(channel: Channel, bytes: Bytes, consumed: () => void): void {
    this.log(channel).append(bytes);
    this.merged.append(bytes, channel === "stderr" ? "stderr" : "stdout");
    consumed();
  }

  snapshot(_size: Size, _skipped: number, _bytes: Bytes, consumed: () => void): void {
    consumed();
  }

  resized(): void {
    // Pipes have no size.
  }

  gap(channel: Channel, bytes: number): void {
    this.log(channel).gap(bytes);
    this.merged.gap(bytes);
  }

  exited(status: ExitStatus, told = () => {}): void {
    this.model.ended(status);
    told();
  }

  show(visible: boolean): void {
    this.model.visible.value = visible;
  }

  reconnected(): void {
    // A pipe is never skipped: it goes on where it was.
  }

  leave(): void {
    // Nothing outside does.
  }

  finish(): void {
    // The page's notice says it; the texts stay.
  }

  screenText(): string[] {
    return [];
  }

  scrollbackLength(): number {
    return 0;
  }

  report(connection: Connection): PaneReport {
    return report(this.model, "stdout", connection);
  }

  private log(channel: Channel): TextLog {
    return channel === "stderr" ? this.stderr : this.stdout;
  }
}
