// A language for tests, made from English: each word runs from right to left and is a third longer, so
// that what is not mirrored, is cut off or was never translated can be seen.

import { speak } from "../strings";

const RIGHT_TO_LEFT = "\u202e";
const END = "\u202c";

/** Letters that a word grows by: other languages need more room than English. */
const GROWTH = 0.34;

/** A text in this language; its blanks stay what they are. */
export function mirrored(english: string): string {
  return english.replace(/\{\w+\}|[^\s{}]+/g, (word) => {
    if (word.startsWith("{")) return word;
    const longer = word + word.slice(-1).repeat(Math.round(word.length * GROWTH));
    return RIGHT_TO_LEFT + (/\w$/.test(word) ? longer : word) + END;
  });
}

export function start(): void {
  speak("ar-XB", (_, english) => mirrored(english), true);
}
