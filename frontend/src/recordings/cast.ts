// Reads a recording: an asciicast, version 2 or 3, as https://docs.asciinema.org/manual/asciicast
// describes them.

import type { Size } from "../term/guess";

/** Something that happened. */
export type Happening =
  | { kind: "output"; text: string }
  | { kind: "resize"; size: Size }
  | { kind: "mark"; label: string }
  | { kind: "exit"; status: string };

/** What happened, and when: in seconds since the beginning. */
export type Event = { at: number } & Happening;

/** A recording. */
export interface Cast {
  /** The first size. */
  size: Size;
  title: string;
  /** When it was begun, in seconds since 1970. */
  begun: number | null;
  events: readonly Event[];
}

/** Cells that a size has at most in one direction: what a server clamps to as well. */
const MOST_CELLS = 1000;

/** Why a text is no recording: its line, from 1. */
export class NotACast extends Error {
  readonly line: number;

  constructor(line: number) {
    super(`line ${line} is none of an asciicast`);
    this.line = line;
  }
}

/** Reads one. A last line that breaks off is what a server left that was cut off, and is passed over. */
export function readCast(text: string): Cast {
  const head = lineAt(text, 0);
  const { cast, relative } = headOf(head.text);
  const events: Event[] = [];
  let now = 0;
  let number = 1;
  for (let line = head; line.end < text.length; ) {
    line = lineAt(text, line.end + 1);
    number += 1;
    if (line.text === "" || line.text.startsWith("#")) continue;
    const event = eventOf(line.text);
    if (event === null) {
      if (line.end === text.length) break;
      throw new NotACast(number);
    }
    now = relative ? now + event.at : Math.max(now, event.at);
    if (event.what !== null) events.push({ at: now, ...event.what });
  }
  return { ...cast, events };
}

/** The line that begins here, and where it ends. */
function lineAt(text: string, from: number): { text: string; end: number } {
  const found = text.indexOf("\n", from);
  const end = found < 0 ? text.length : found;
  return { text: text.slice(from, end), end };
}

function headOf(line: string): { cast: Omit<Cast, "events">; relative: boolean } {
  const head = parsed(line) as {
    version?: unknown;
    width?: unknown;
    height?: unknown;
    term?: { cols?: unknown; rows?: unknown };
    title?: unknown;
    timestamp?: unknown;
  } | null;
  const { version } = head ?? {};
  const size =
    version === 3
      ? sizeOf(head?.term?.cols, head?.term?.rows)
      : version === 2
        ? sizeOf(head?.width, head?.height)
        : null;
  if (size === null) throw new NotACast(1);
  const title = typeof head?.title === "string" ? head.title : "";
  const begun = typeof head?.timestamp === "number" ? head.timestamp : null;
  return { cast: { size, title, begun }, relative: version === 3 };
}

/** An event; `what` is null where it is of a kind that is not shown. */
function eventOf(line: string): { at: number; what: Happening | null } | null {
  const event = parsed(line);
  if (!Array.isArray(event)) return null;
  const [at, code, data] = event as unknown[];
  if (typeof at !== "number" || !(at >= 0) || typeof code !== "string") return null;
  if (typeof data !== "string") return null;
  return { at, what: whatOf(code, data) };
}

function whatOf(code: string, data: string): Happening | null {
  switch (code) {
    case "o":
      return { kind: "output", text: data };
    case "r": {
      const [cols, rows] = data.split("x").map(Number);
      const size = sizeOf(cols, rows);
      return size === null ? null : { kind: "resize", size };
    }
    case "m":
      return { kind: "mark", label: data };
    case "x":
      return { kind: "exit", status: data };
    default:
      return null;
  }
}

function sizeOf(cols: unknown, rows: unknown): Size | null {
  if (!Number.isInteger(cols) || !Number.isInteger(rows)) return null;
  const within = (cells: number) => Math.min(Math.max(cells, 1), MOST_CELLS);
  return { cols: within(cols as number), rows: within(rows as number) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
