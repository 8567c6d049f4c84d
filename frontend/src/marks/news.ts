// What a terminal's program tells beside its text, as the page passes it on.

import type { ExitStatus } from "../gen/ExitStatus";
import type { Progress } from "./sequence";

/** One piece of it. */
export type News =
  | { kind: "folder"; path: string }
  | { kind: "progress"; progress: Progress | null }
  | { kind: "message"; title: string; text: string }
  /** A command of a shell ended; without a duration nobody saw when it began. */
  | { kind: "finished"; status: number | null; duration: number | null }
  | { kind: "bell" }
  /** The process itself ended. */
  | { kind: "ended"; status: ExitStatus };
