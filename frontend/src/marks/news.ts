// What a process tells beside its text, as the page passes it on.

import type { ExitStatus } from "../gen/ExitStatus";
import type { Notice } from "../gen/Notice";
import type { Progress } from "./sequence";

/** One piece of it: over the control socket, in the terminal, or by ending. */
export type News =
  | Exclude<Notice, { kind: "title" }>
  | { kind: "folder"; path: string }
  | { kind: "progress"; progress: Progress | null }
  /** A command of a shell ended; without a duration nobody saw when it began. */
  | { kind: "finished"; status: number | null; duration: number | null }
  | { kind: "bell" }
  /** The process itself ended. */
  | { kind: "ended"; status: ExitStatus };
