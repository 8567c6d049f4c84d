// Places in a terminal's text: words, and what lies between two places.

/** A cell: its row counted from the oldest line that is kept. */
export interface Place {
  row: number;
  col: number;
}

/** From one cell to another, both included. */
export interface Span {
  start: Place;
  end: Place;
}

/** What has to be known of the text. */
export interface Text {
  readonly cols: number;
  /** What a cell shows; empty for the second half of a wide character. */
  cell(row: number, col: number): string;
  /** Whether a row goes on from the one before. */
  wraps(row: number): boolean;
}

/** What stands between words: blanks, quotes and brackets, so that paths and addresses are one. */
const BETWEEN = /^[\s()[\]{}<>'"`,;|│]?$/u;

/** Cells of a word at most: a longer one is chosen by its handles. */
const MAX_WORD = 2048;

/** The word at a place, or nothing where there is none. */
export function wordAt(text: Text, at: Place): Span | null {
  const within = (place: Place) => {
    const shown = text.cell(place.row, place.col);
    // The second half of a wide character belongs to what the first half is.
    const whole = shown === "" && place.col > 0 ? text.cell(place.row, place.col - 1) : shown;
    return whole.length > 0 && !BETWEEN.test(whole);
  };
  if (!within(at)) return null;
  let start = at;
  let end = at;
  for (let cells = 0; cells < MAX_WORD; cells += 1) {
    const next = before(text, start);
    if (next === null || !within(next)) break;
    start = next;
  }
  for (let cells = 0; cells < MAX_WORD; cells += 1) {
    const next = after(text, end);
    if (next === null || !within(next)) break;
    end = next;
  }
  return { start, end };
}

function before(text: Text, { row, col }: Place): Place | null {
  if (col > 0) return { row, col: col - 1 };
  return text.wraps(row) ? { row: row - 1, col: text.cols - 1 } : null;
}

function after(text: Text, { row, col }: Place): Place | null {
  if (col + 1 < text.cols) return { row, col: col + 1 };
  return text.wraps(row + 1) ? { row: row + 1, col: 0 } : null;
}

/** Whether one place comes before another. */
export function isBefore(a: Place, b: Place): boolean {
  return a.row < b.row || (a.row === b.row && a.col < b.col);
}

/** A span with one end moved; the ends change roles when they cross. */
export function moved(span: Span, which: "start" | "end", to: Place): [Span, "start" | "end"] {
  const other = which === "start" ? span.end : span.start;
  return isBefore(to, other)
    ? [{ start: to, end: other }, "start"]
    : [{ start: other, end: to }, "end"];
}

/** What holds two spans. */
export function joined(a: Span, b: Span): Span {
  return {
    start: isBefore(a.start, b.start) ? a.start : b.start,
    end: isBefore(a.end, b.end) ? b.end : a.end,
  };
}

/** Cells of a span. */
export function cellsOf({ start, end }: Span, cols: number): number {
  return (end.row - start.row) * cols + end.col - start.col + 1;
}
