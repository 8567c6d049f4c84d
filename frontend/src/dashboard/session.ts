// A session, as the API lists it, and what its card says of it.

import type { ExitStatus } from "../gen/ExitStatus";
import type { Mode } from "../gen/Mode";
import type { Size } from "../gen/Size";

/** One process of a listed session. */
export interface ListedProcess {
  process: number;
  title: string;
  mode: Mode;
  state: "running" | "ended";
  exit: ExitStatus | null;
}

/** A session of `GET /api/v1/sessions`. */
export interface Listed {
  id: string;
  name: string | null;
  app: string;
  mode: Mode | null;
  state: "running" | "ending" | "ended";
  /** Seconds since 1970. */
  created: number;
  size: Size;
  viewers: number;
  processes: ListedProcess[];
}

/** An app of `GET /api/v1/apps`. */
export interface ListedApp {
  name: string;
  mode: Mode;
  command: string[];
}

/** What it is called: by somebody, else by its first program. */
export function nameOf(session: Listed): string {
  return session.name ?? (session.processes[0]?.title || session.id);
}

/** How an ended session ended: as its last failed process did, or else its last one. */
export function exitOf(session: Listed): ExitStatus | null {
  if (session.state !== "ended") return null;
  const exits = session.processes.flatMap(({ exit }) => (exit === null ? [] : [exit]));
  return exits.findLast((exit) => !isGood(exit)) ?? exits.at(-1) ?? null;
}

/** Whether a program ended as one that has done its work. */
export function isGood(exit: ExitStatus): boolean {
  return "code" in exit && exit.code === 0;
}

/** Whether somebody has to log in to it before anything of it is seen. */
export function isShut(session: Listed): boolean {
  return session.processes.length === 0;
}

/** Whether it has a screen that can be looked at. */
export function hasScreen(session: Listed): boolean {
  return session.mode === "pty";
}
