// Whether a person has to be asked before a text is pasted. Looked at before each paste, so it is
// small; what is asked, and what can be done about it, is loaded when there is a doubt.

/** Why to ask: characters that a program takes for keys or commands, or lines that run at once. */
export type Concern = "controls" | "lines";

/** Controls other than tabs and ends of lines, and marks that turn text around. */
const CONTROLS = /[^\P{Cc}\t\r\n]|[\u2028-\u202e\u2066-\u2069]/u;

/** An end of a line with something behind it. */
const LINES = /[\r\n]+[^\r\n]/;

/** A paste that needs a person's word. */
export interface Doubt {
  readonly text: string;
  readonly concern: Concern;
  /** Pastes this. */
  paste(text: string): void;
}

/** What there is to ask; `lines` says whether lines are dangerous. */
export function concernOf(text: string, lines: boolean): Concern | null {
  if (CONTROLS.test(text)) return "controls";
  return lines && LINES.test(text) ? "lines" : null;
}
