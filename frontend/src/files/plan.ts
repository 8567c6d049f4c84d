// What a transfer asks for next: which part of a file, how long to wait after a failure, and what to
// make of the server's answer. Pure, so that it is tested without one.

/** Bytes of one request: small enough that a cut costs seconds, large enough that asking does not. */
export const PART = 8 * 1024 * 1024;

/** Failures in a row after which a transfer waits for its person. With the waits between them that is
 * about a minute and a half: longer than most tunnels. */
export const MAX_FAILURES = 12;

/** Milliseconds to wait after the first failure, and at most. */
const WAIT = { first: 300, most: 10_000 };

/** How long to wait after so many failures in a row. */
export function waitAfter(failures: number): number {
  return Math.min(WAIT.first * 2 ** (failures - 1), WAIT.most);
}

/** What the server said. */
export interface Answer {
  /** 0: nothing. */
  status: number;
  body: string;
}

/** What to do after an answer to an upload's request. */
export type Step =
  | { go: "on"; offset: number }
  | { go: "done"; path: string }
  | { go: "again" }
  | { go: "stop"; code: string; message: string };

interface Said {
  offset?: number;
  path?: string;
  error?: { code: string; message: string };
}

function read(body: string): Said {
  try {
    return JSON.parse(body) as Said;
  } catch {
    return {};
  }
}

/** Whether it may go better in a while: no answer, too slow, too many, or a server that restarts. */
function passes(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 502;
}

/** What an answer to a request of an upload means. */
export function stepOf({ status, body }: Answer): Step {
  const said = read(body);
  if (status === 202 && said.offset !== undefined) return { go: "on", offset: said.offset };
  if (status === 200 || status === 201) return { go: "done", path: said.path ?? "" };
  const { code = "", message = String(status) } = said.error ?? {};
  // A part that does not fit, or a broken one: how much is there is asked anew.
  const anew = ["wrong_offset", "taken_over"].includes(code);
  if (anew || (passes(status) && code !== "disk_full")) return { go: "again" };
  return { go: "stop", code, message };
}

/** The header of the part of a file that begins here, and where it ends. */
export function partAt(offset: number, size: number): { range: string; end: number } {
  const end = Math.min(offset + PART, size);
  return { range: `bytes ${offset}-${end - 1}/${size}`, end };
}

/** The name that a server gives a download. */
export function nameOf(disposition: string | null, path: string): string {
  const coded = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? "")?.[1];
  const last = path.split("/").at(-1) ?? "";
  if (coded === undefined) return last;
  try {
    return decodeURIComponent(coded);
  } catch {
    return last;
  }
}
