// How far a program is, as a line below its tab and as words for who cannot see that.

import type { Progress } from "../marks/sequence";
import { progressWords } from "./model";

export function TabProgress({ progress }: { progress: Progress | null }) {
  if (progress === null) return null;
  const { state, value } = progress;
  return (
    <>
      <span class="unseen">{progressWords(progress)}</span>
      <span
        class={`tab-progress ${value === null ? "working" : ""} ${state}`}
        style={{ width: `${value ?? 100}%` }}
      />
    </>
  );
}
