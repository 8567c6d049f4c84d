// What the page shows, as signals: written by the page's session, read by its parts.

import { computed, signal } from "@preact/signals";
import type { ExitStatus } from "../gen/ExitStatus";
import type { Mode } from "../gen/Mode";
import type { Role } from "../gen/Role";
import type { Size } from "../gen/Size";
import type { PaneReport } from "../surface";

/** Where the session stands, in the words of the test surface. */
export type State = PaneReport["state"];

/** Something that has to be said. */
export type Notice =
  | { about: "login"; why: "missing" | "used" | "ended" | "wrong" | "limited" }
  | { about: "unknown"; session: string; wasOpen: boolean }
  | { about: "reconnecting"; retryAt: number; why: "lost" | "full" }
  | { about: "ended" }
  | { about: "refused" }
  | { about: "reload" };

/** One process as the page shows it. */
export class ProcessModel {
  readonly process: number;
  readonly mode: Mode;
  readonly name: string;
  readonly title = signal("");
  readonly size = signal<Size>({ cols: 80, rows: 24 });
  readonly exit = signal<ExitStatus | null>(null);
  readonly renderer = signal<PaneReport["renderer"]>("dom");
  readonly behind = signal(false);
  /** What the program calls itself, else what it is called. */
  readonly label = computed(() => this.title.value || this.name);

  constructor(process: number, mode: Mode, name: string, size: Size) {
    this.process = process;
    this.mode = mode;
    this.name = name;
    this.size.value = size;
  }
}

export const state = signal<State>("connecting");
export const session = signal<string | null>(null);
export const role = signal<Role>("owner");
/** The process that has, or last had, the keyboard. */
export const focused = signal(1);
export const roundTrip = signal<number | null>(null);
export const notice = signal<Notice | null>(null);
/** A short remark that goes by itself when something else happens. */
export const remark = signal("");

/** How a process ended, in words. */
export function exitWords(name: string, status: ExitStatus): string {
  return "code" in status
    ? `${name} ended with exit status ${status.code}.`
    : `${name} was ended by signal ${status.signal}.`;
}
