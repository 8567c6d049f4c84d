// What the page shows, as signals: written by the page's session, read by its parts.

import { computed, type Signal, signal } from "@preact/signals";
import type { ExitStatus } from "../gen/ExitStatus";
import type { Mode } from "../gen/Mode";
import type { Role } from "../gen/Role";
import type { SessionInfo } from "../gen/SessionInfo";
import type { Size } from "../gen/Size";
import type { Progress } from "../marks/sequence";
import { say } from "../strings";
import type { PaneReport } from "../surface";

/** Where the session stands, in the words of the test surface. */
export type State = PaneReport["state"];

/** Something that has to be said. */
export type Notice =
  | {
      about: "login";
      why:
        | "missing"
        | "used"
        | "ended"
        | "wrong"
        | "code"
        | "otherCode"
        | "limited"
        | "unreachable";
    }
  | { about: "unknown"; session: string; wasOpen: boolean }
  | { about: "noApp"; app: string }
  | { about: "reconnecting"; retryAt: number; why: "lost" | "full" }
  | { about: "ended" }
  | { about: "refused" }
  | { about: "reload" };

/** One process as the page shows it. */
export class ProcessModel {
  readonly process: number;
  readonly mode: Mode;
  readonly name: Signal<string>;
  readonly title = signal("");
  readonly size = signal<Size>({ cols: 80, rows: 24 });
  readonly exit = signal<ExitStatus | null>(null);
  /** The folder where its program is, as far as that tells. */
  readonly folder = signal("");
  /** How far its program is with what it does. */
  readonly progress = signal<Progress | null>(null);
  readonly renderer = signal<PaneReport["renderer"]>("dom");
  readonly behind = signal(false);
  /** It can be seen. */
  readonly visible = signal(true);
  /** It is shown in a size that others decided. */
  readonly boxed = signal(false);
  /** What the program calls itself, else what it is called. */
  readonly label = computed(() => this.title.value || this.name.value);
  /** The same with the folder. */
  readonly longLabel = computed(() =>
    this.folder.value === "" ? this.label.value : `${this.label.value} (${this.folder.value})`,
  );

  constructor(process: number, mode: Mode, name: string, size: Size) {
    this.process = process;
    this.mode = mode;
    this.name = signal(name);
    this.size.value = size;
  }

  /** Its process is over, and with it whatever that was doing. */
  ended(status: ExitStatus): void {
    this.exit.value = status;
    this.progress.value = null;
  }
}

export const state = signal<State>("connecting");
export const session = signal<string | null>(null);
export const role = signal<Role>("owner");
/** The process that has, or last had, the keyboard. */
export const focused = signal(1);
/** The session as a whole, once that was told. */
export const info = signal<SessionInfo | null>(null);
/** Nothing is shown or taken until whom the session is for has logged in again. */
export const locked = computed(() => info.value?.locked === true);
/** Counts how often the keyboard was given to the pane that is to have it. */
export const grabs = signal(0);
/** Counts what a watcher typed in vain. */
export const refusals = signal(0);
/** Bytes that wait for a connection. */
export const unsent = signal(0);
export const roundTrip = signal<number | null>(null);
export const notice = signal<Notice | null>(null);
/** A short remark that goes by itself when something else happens. */
export const remark = signal("");

const narrowness = matchMedia("(max-width: 600px)");
/** There is no room for tabs, nor for more than one pane. */
export const narrow = signal(narrowness.matches);
narrowness.addEventListener("change", () => {
  narrow.value = narrowness.matches;
});

/** Whether it is this viewer's window that decides how large the terminals are. */
export const decides = computed(() => {
  const now = info.value;
  if (role.value === "watch") return false;
  if (now === null) return true;
  const writers = now.viewers.filter((viewer) => viewer.role !== "watch");
  if (now.size_policy === "active") return now.active === undefined || now.active === now.you;
  if (now.size_policy === "owner") {
    return writers.find((viewer) => viewer.role === "owner")?.viewer === now.you;
  }
  return now.size_policy === "smallest" && writers.length === 1;
});

/** How far something is, in words; "" without it. */
export function progressWords(progress: Progress | null): string {
  if (progress === null) return "";
  const { state, value } = progress;
  const amount = value === null ? "" : say("progress.of", { value: String(value) });
  if (state !== "normal") return `${say(`progress.${state}`)} ${amount}`.trim();
  return amount || say("progress.working");
}

/** How a process ended, in words. */
export function exitWords(title: string, status: ExitStatus): string {
  return "code" in status
    ? say("pane.exit.code", { title, status: String(status.code) })
    : say("pane.exit.signal", { title, status: status.signal });
}

/** A size in words, and whose it is. */
export function sizeWords({ cols, rows }: Size): string {
  const size = `${cols}×${rows}`;
  if (role.value === "watch") return say("size.watch", { size });
  const policy = info.value?.size_policy ?? "active";
  if (policy === "active") return say("size.other", { size });
  return say(policy.startsWith("fixed") ? "size.fixed" : "size.shared", { size });
}
