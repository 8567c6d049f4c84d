// What shows one process: a terminal, or the texts of its pipes.

import type { Channel } from "./gen/Channel";
import type { ExitStatus } from "./gen/ExitStatus";
import type { ProcessInfo } from "./gen/ProcessInfo";
import type { Size } from "./gen/Size";
import type { Connection } from "./session/connection";
import type { PaneReport } from "./surface";
import { TextLog } from "./term/text-log";
import { type TerminalStart, TerminalView } from "./term/view";
import * as page from "./ui/model";
import { ProcessModel } from "./ui/model";
import type { Bytes } from "./wire/frame";

/** What a person can do in a pane. */
export interface PaneActions {
  typed(process: number, bytes: Bytes): void;
  ended(process: number): void;
  wanted(size: Size): void;
}

/** How a pane begins. */
type PaneStart = Omit<TerminalStart, "size">;

/** What a session needs of a pane, whatever it looks like. */
export interface Pane {
  readonly model: ProcessModel;
  output(channel: Channel, bytes: Bytes, consumed: () => void): void;
  snapshot(size: Size, skipped: number, bytes: Bytes, consumed: () => void): void;
  resized(size: Size): void;
  gap(channel: Channel, bytes: number): void;
  exited(status: ExitStatus): void;
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
    visible: true,
    focused: process === page.focused.value,
  };
}

export class TerminalPane implements Pane {
  readonly model: ProcessModel;
  readonly view: TerminalView;
  /** What does not come on the terminal, where it was split off. */
  readonly stderr: TextLog | null;

  constructor(model: ProcessModel, start: PaneStart, actions: PaneActions) {
    this.model = model;
    this.stderr = model.mode === "pty+err" ? new TextLog(document.createElement("div")) : null;
    this.view = new TerminalView(
      { ...start, size: model.size.value },
      {
        typed: (bytes) => actions.typed(model.process, bytes),
        titled: (title) => {
          model.title.value = title;
        },
        wanted: actions.wanted,
        drawnBy: (renderer) => {
          model.renderer.value = renderer;
        },
        tabMoves: (on) => {
          page.remark.value = on
            ? "Tab moves the focus. Ctrl+Shift+M gives it back to the program."
            : "Tab goes to the program.";
        },
      },
    );
  }

  output(channel: Channel, bytes: Bytes, consumed: () => void): void {
    if (channel === "stderr") {
      this.stderr?.append(bytes);
      consumed();
      return;
    }
    this.view.output(bytes, consumed);
  }

  snapshot(size: Size, skipped: number, bytes: Bytes, consumed: () => void): void {
    this.model.behind.value = skipped > 0;
    this.view.snapshot(size, bytes, () => {
      this.model.behind.value = false;
      this.model.size.value = size;
      consumed();
    });
  }

  resized(size: Size): void {
    this.view.resize(size, () => {
      this.model.size.value = size;
    });
  }

  gap(channel: Channel, bytes: number): void {
    if (channel === "stderr") this.stderr?.gap(bytes);
    // What is missing lies above what is held; the bytes that come next say what the screen shows.
  }

  exited(status: ExitStatus): void {
    this.view.afterwards(() => {
      this.model.exit.value = status;
      this.view.finish();
    });
  }

  finish(): void {
    this.view.afterwards(() => this.view.finish());
  }

  screenText(): string[] {
    return this.view.screenText();
  }

  scrollbackLength(): number {
    return this.view.scrollbackLength();
  }

  report(connection: Connection): PaneReport {
    return report(this.model, "tty", connection);
  }
}

export class PipePane implements Pane {
  readonly model: ProcessModel;
  readonly stdout = new TextLog(document.createElement("div"));
  readonly stderr = new TextLog(document.createElement("div"));
  private readonly actions: PaneActions;
  private readonly encoder = new TextEncoder();

  constructor(model: ProcessModel, actions: PaneActions) {
    this.model = model;
    this.actions = actions;
    model.renderer.value = "none";
  }

  /** Sends a line to the program's standard input. */
  send(line: string): void {
    this.actions.typed(this.model.process, this.encoder.encode(`${line}\n`));
  }

  /** Tells the program that no more input comes. */
  end(): void {
    this.actions.ended(this.model.process);
  }

  output(channel: Channel, bytes: Bytes, consumed: () => void): void {
    this.log(channel).append(bytes);
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
  }

  exited(status: ExitStatus): void {
    this.model.exit.value = status;
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
