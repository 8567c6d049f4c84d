// Draws the marks of commands beside a terminal, and above it the command whose output is looked at.
// Only what is in view is drawn. It lies beside the emulator's own element and takes no cell away.

import type { IDisposable, Terminal } from "@xterm/xterm";
import type { Command } from "../marks/commands";
import { durationWords, howOf, nameOf, sentenceOf } from "../ui/marks/words";
import type { Place } from "./place";
import "../style/marks.css";

/** What it draws, and what can be done with it. */
export interface GutterEvents {
  commands(): readonly Command<Place>[];
  /** The command that was gone to. */
  current(): Command<Place> | null;
  go(command: Command<Place>): void;
  chosen(command: Command<Place>): void;
}

/** Where the terminal's rows are, in CSS pixels of the pane. */
interface Geometry {
  left: number;
  top: number;
  width: number;
  row: number;
}

export class Gutter {
  private readonly terminal: Terminal;
  private readonly events: GutterEvents;
  private readonly layer = document.createElement("div");
  private readonly sticky = document.createElement("div");
  private readonly band = document.createElement("div");
  private readonly drawn = new Map<Command<Place>, HTMLElement>();
  private readonly observer = new ResizeObserver(() => this.moved());
  private readonly resized: IDisposable;
  private geometry: Geometry | null = null;
  private stuck: Command<Place> | null = null;
  private frame = 0;

  constructor(terminal: Terminal, events: GutterEvents) {
    this.terminal = terminal;
    this.events = events;
    this.layer.className = "marks";
    this.band.className = "mark-row";
    this.sticky.className = "sticky-command";
    // By keyboard it is the command before.
    this.sticky.setAttribute("aria-hidden", "true");
    this.sticky.addEventListener("click", () => {
      if (this.stuck !== null) events.go(this.stuck);
    });
    // The keyboard stays where it is.
    this.layer.addEventListener("mousedown", (event) => event.preventDefault());
    this.layer.append(this.band, this.sticky);
    this.resized = terminal.onResize(() => this.moved());
  }

  /** Draws in the next frame. */
  later(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  /** Draws what is in view now. */
  draw(): void {
    const host = this.terminal.element?.parentElement;
    if (host == null) return;
    if (!this.layer.isConnected) this.mount(host);
    const { active } = this.terminal.buffer;
    const commands = active.type === "alternate" ? [] : this.events.commands();
    const geometry = commands.length === 0 ? null : this.measure();
    this.layer.hidden = geometry === null;
    if (geometry === null) {
      for (const command of [...this.drawn.keys()]) this.erase(command);
      return;
    }
    const first = active.viewportY;
    const inView = commands.filter(({ state, prompt }) => {
      const line = prompt?.marker.line ?? -1;
      return state !== "prompt" && line >= first && line < first + this.terminal.rows;
    });
    for (const command of [...this.drawn.keys()]) {
      if (!inView.includes(command)) this.erase(command);
    }
    for (const command of inView) this.mark(command, geometry, first);
    this.here(inView, geometry, first);
    this.stick(commands, geometry);
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    this.resized.dispose();
    this.layer.remove();
  }

  private mount(host: HTMLElement): void {
    host.after(this.layer);
    this.observer.disconnect();
    this.observer.observe(host);
    const screen = this.terminal.element?.querySelector(".xterm-screen");
    if (screen != null) this.observer.observe(screen);
    this.geometry = null;
  }

  private moved(): void {
    this.geometry = null;
    this.later();
  }

  private measure(): Geometry | null {
    if (this.geometry !== null) return this.geometry;
    const pane = this.layer.parentElement?.getBoundingClientRect();
    const screen = this.terminal.element?.querySelector(".xterm-screen")?.getBoundingClientRect();
    if (pane === undefined || screen === undefined || screen.height === 0) return null;
    this.geometry = {
      left: screen.left - pane.left,
      top: screen.top - pane.top,
      width: screen.width,
      row: screen.height / this.terminal.rows,
    };
    return this.geometry;
  }

  private mark(command: Command<Place>, { left, top, row }: Geometry, first: number): void {
    let element = this.drawn.get(command);
    if (element === undefined) {
      element = document.createElement("div");
      element.setAttribute("role", "img");
      element.addEventListener("click", () => this.events.chosen(command));
      this.layer.append(element);
      this.drawn.set(command, element);
    }
    const kind = `command-mark ${kindOf(command)}`;
    const words = sentenceOf(command);
    if (element.className !== kind) element.className = kind;
    if (element.title !== words) {
      element.title = words;
      element.setAttribute("aria-label", words);
    }
    const { style } = element;
    style.left = "0";
    style.width = `${left}px`;
    style.top = `${top + ((command.prompt?.marker.line ?? 0) - first) * row}px`;
    style.height = `${row}px`;
  }

  private here(
    inView: readonly Command<Place>[],
    { left, top, width, row }: Geometry,
    first: number,
  ) {
    const current = this.events.current();
    this.band.hidden = current === null || !inView.includes(current);
    if (this.band.hidden) return;
    const { style } = this.band;
    style.left = `${left}px`;
    style.width = `${width}px`;
    style.top = `${top + ((current?.prompt?.marker.line ?? 0) - first) * row}px`;
    style.height = `${row}px`;
  }

  /** Shows the command whose output is looked at, while its own line is above the screen. */
  private stick(commands: readonly Command<Place>[], { left, top, width, row }: Geometry): void {
    const { viewportY, baseY, cursorY } = this.terminal.buffer.active;
    const scrolled = viewportY < baseY && baseY + cursorY !== viewportY;
    this.stuck = scrolled ? whose(commands, viewportY) : null;
    this.sticky.hidden = this.stuck === null;
    if (this.stuck === null) return;
    const { style } = this.sticky;
    style.left = `${left}px`;
    style.width = `${width}px`;
    style.top = `${top}px`;
    style.height = `${row}px`;
    style.fontSize = `${this.terminal.options.fontSize ?? 14}px`;
    const how = howOf(this.stuck);
    const { duration } = this.stuck;
    const rest = duration === null ? how : `${how}, ${durationWords(duration)}`;
    const kind = `sticky-command ${kindOf(this.stuck)}`;
    if (this.sticky.className !== kind) this.sticky.className = kind;
    const name = nameOf(this.stuck);
    if (this.sticky.dataset["said"] === `${name}\n${rest}`) return;
    this.sticky.dataset["said"] = `${name}\n${rest}`;
    this.sticky.replaceChildren(part("mark-shape", ""), part("what", name), part("how", rest));
  }

  private erase(command: Command<Place>): void {
    this.drawn.get(command)?.remove();
    this.drawn.delete(command);
  }
}

function part(name: string, text: string): HTMLElement {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}

/** Which shape a command has. */
function kindOf({ state, status }: Command<Place>): string {
  if (state === "running") return "running";
  if (status === null) return "unknown";
  return status === 0 ? "ok" : "failed";
}

/** The command that a row of output belongs to. */
function whose(commands: readonly Command<Place>[], row: number): Command<Place> | null {
  const of = commands.findLast(({ state, prompt, output, cut }) => {
    const line = output?.marker.line ?? (cut ? 0 : -1);
    return state !== "prompt" && line !== -1 && line <= row && (prompt?.marker.line ?? -1) < row;
  });
  if (of === undefined || of.state === "running") return of ?? null;
  const end = of.end === null ? -1 : of.end.marker.line + (of.end.column > 0 ? 1 : 0);
  return row < end ? of : null;
}
