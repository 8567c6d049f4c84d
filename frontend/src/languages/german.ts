// German: who reads it has all its words from the first moment.

import { speak } from "../strings";
import { GERMAN } from "./german-page";
import { GERMAN_PARTS } from "./german-parts";

/** Every word of the page. */
export const WORDS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(GERMAN),
  ...Object.entries(GERMAN_PARTS),
]);

export function start(): void {
  speak("de", (key, english) => WORDS.get(key) ?? english);
}
