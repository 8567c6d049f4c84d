// Where a text is found in lines: what was asked for as a pattern, and its places in order.

/** What is searched for. */
export interface Query {
  readonly text: string;
  /** Capital letters count. */
  readonly exact: boolean;
  /** The text is a regular expression. */
  readonly regex: boolean;
}

/** One place: characters of a line, the end not included. */
export interface Match {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** Places that are kept: 40 bytes each, and nobody walks through more. */
export const MATCHES_MAX = 20_000;

/** The pattern of a query; null where there is nothing to find, an error where it is no pattern. */
export function patternOf({ text, exact, regex }: Query): RegExp | null | Error {
  if (text === "") return null;
  const source = regex ? text : text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  try {
    // Without `u`, which would refuse harmless escapes that other programs take.
    return new RegExp(source, exact ? "g" : "gi");
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The places in lines, and whether there are more than are kept: then the last ones are. */
export function findIn(
  lines: readonly string[],
  pattern: RegExp,
): { matches: Match[]; more: boolean } {
  const backwards: Match[] = [];
  let more = false;
  for (let line = lines.length - 1; line >= 0 && !more; line -= 1) {
    const found = [...(lines[line] ?? "").matchAll(pattern)];
    for (const { index, 0: text } of found.reverse()) {
      // A pattern that may be empty is so everywhere.
      if (text === "") continue;
      more = backwards.length === MATCHES_MAX;
      if (more) break;
      backwards.push({ line, start: index, end: index + text.length });
    }
  }
  return { matches: backwards.reverse(), more };
}

/** How many of the places begin before a place. */
export function countBefore(matches: readonly Match[], line: number, start: number): number {
  let low = 0;
  let high = matches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const match = matches[middle] as Match;
    if (match.line < line || (match.line === line && match.start < start)) low = middle + 1;
    else high = middle;
  }
  return low;
}
