// What has to be typed to turn one text into another where a program edits a line: rub out from the
// end as far as the two differ, then type the rest.

/** A change of a line whose cursor is at its end. */
export interface Edit {
  /** Characters to rub out. */
  back: number;
  /** Text to type after that. */
  text: string;
}

/** A character that takes a place of its own, with the marks on it: one key rubs it all out. */
const CHARACTER = /[^\p{M}\u200d][\p{M}\u200d]*|[\p{M}\u200d]+/gsu;

/** The characters of a text, as line editors count them. */
export function characters(text: string): string[] {
  return text.match(CHARACTER) ?? [];
}

/** How to get from one text to the other. */
export function edit(from: string, to: string): Edit {
  const old = characters(from);
  const now = characters(to);
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same += 1;
  return { back: old.length - same, text: now.slice(same).join("") };
}
