// Questions to the server that it may refuse, by way of a worker: see asker.ts.

import type { Answer, Question } from "./asker";
import askerUrl from "./asker?worker&url";
import { trustedScriptUrl } from "./trusted";

const worker = new Worker(trustedScriptUrl(askerUrl), { type: "module" });
const waiting = new Map<number, (answer: Answer) => void>();
let last = 0;

worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
  waiting.get(data.id)?.(data);
  waiting.delete(data.id);
});

/** Asks, and gets the status and the body of the answer. */
export function ask(question: Omit<Question, "id">): Promise<Answer> {
  last += 1;
  const id = last;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    worker.postMessage({ ...question, id });
  });
}
