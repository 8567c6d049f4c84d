// How well a query fits a name: every character of it in order, better at the starts of words and in
// one piece.

/** Characters of a query and of a name that are looked at: longer ones are cut. */
const MAX_LENGTH = 200;

const IN_ORDER = 1;
const NEXT = 4;
const WORD_START = 6;
const FIRST = 3;

/** A fit. */
export interface Fit {
  /** Higher is better. */
  score: number;
  /** Which characters of the name were meant. */
  places: readonly number[];
}

/** How well one word fits; null if not at all. */
function fitWord(word: string, name: string, from: readonly boolean[]): Fit | null {
  // best[i] is the best way to have matched the word so far with its last character at i.
  let best: (Fit | null)[] = [];
  for (let at = 0; at < word.length; at += 1) {
    const row: (Fit | null)[] = [];
    let before: Fit | null = null;
    for (let place = 0; place < name.length; place += 1) {
      const previous: Fit | null = at === 0 ? { score: 0, places: [] } : before;
      const touching: Fit | null = at === 0 ? null : (best[place - 1] ?? null);
      row[place] = null;
      if (name[place] === word[at]) {
        const own = IN_ORDER + (from[place] ? WORD_START : 0) + (place === 0 ? FIRST : 0);
        const loose = previous === null ? -1 : previous.score;
        const tight = touching === null ? -1 : touching.score + NEXT;
        const chosen = tight >= loose ? touching : previous;
        if (chosen !== null && Math.max(loose, tight) >= 0) {
          row[place] = {
            score: Math.max(loose, tight) + own,
            places: [...chosen.places, place],
          };
        }
      }
      const candidate = best[place] ?? null;
      if (candidate !== null && candidate.score > (before?.score ?? -1)) before = candidate;
    }
    best = row;
  }
  let found: Fit | null = null;
  for (const fit of best) {
    if (fit !== null && fit.score > (found?.score ?? -1)) found = fit;
  }
  return found;
}

/** How well a query fits a name; null if not at all. Its words may come in any order. */
export function fuzzy(query: string, name: string): Fit | null {
  const words = query.slice(0, MAX_LENGTH).toLowerCase().split(/\s+/).filter(Boolean);
  const text = name.slice(0, MAX_LENGTH).toLowerCase();
  const starts = Array.from(text, (_, at) => at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? ""));
  let score = 0;
  const places: number[] = [];
  for (const word of words) {
    const fit = fitWord(word, text, starts);
    if (fit === null) return null;
    score += fit.score;
    places.push(...fit.places);
  }
  // Of two that fit alike the shorter one is meant.
  return { score: score - text.length / MAX_LENGTH, places };
}

/** Those that fit, the best one first; all of them in their own order without a query. */
export function ranked<T>(query: string, all: readonly T[], nameOf: (item: T) => string): T[] {
  if (query.trim() === "") return [...all];
  return all
    .flatMap((item) => {
      const fit = fuzzy(query, nameOf(item));
      return fit === null ? [] : [{ item, score: fit.score }];
    })
    .sort((one, other) => other.score - one.score)
    .map(({ item }) => item);
}
