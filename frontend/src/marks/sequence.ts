// What shells and programs tell a terminal beside their text: where a prompt, a command and its
// output begin, the folder, how far something is. They are hints of whoever can write there, so that
// nothing is taken from them but what is checked here.

/** Characters of one sequence that are read: what is longer is no hint any more. */
const MAX_LENGTH = 4096;

/** Characters of a text that is shown: more fits on no line. */
const MAX_TEXT = 256;

/** Everything a shown text must not bring into the page: controls, and marks that turn text around. */
const UNWANTED = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A shell's status: 32 bits are what any system has. */
const MAX_STATUS = 0xffff_ffff;

/** The hosts that an address of a folder may name: this one has no other name that the page knows. */
const OWN_HOSTS = new Set(["", "localhost", "127.0.0.1", "[::1]"]);

/** A step in the life of a command. */
export type Mark =
  | { kind: "prompt" }
  | { kind: "input" }
  | { kind: "text"; text: string }
  | { kind: "output" }
  | { kind: "done"; status: number | null };

/** How far something is; without a value nobody knows. */
export interface Progress {
  readonly state: "normal" | "error" | "paused";
  readonly value: number | null;
}

/** What a sequence says. */
export type Hint =
  | { kind: "mark"; mark: Mark }
  | { kind: "folder"; path: string }
  | { kind: "progress"; progress: Progress | null }
  | { kind: "notify"; title?: string; text: string };

/** The numbers of the sequences that are read here. */
export const CODES = [7, 9, 133, 633, 777] as const;

/** What a sequence of this number says; null if it is nothing that is understood. */
export function hintOf(code: number, data: string): Hint | null {
  if (data.length > MAX_LENGTH) return null;
  switch (code) {
    case 7:
      return folder(data);
    case 9:
      return data.startsWith("4;") ? progress(data.slice(2)) : message("", data);
    case 133:
    case 633:
      return mark(code, data);
    case 777: {
      const [verb, title = "", ...rest] = data.split(";");
      return verb === "notify" ? message(title, rest.join(";")) : null;
    }
    default:
      return null;
  }
}

/** A text as the page may show it. */
export function shownText(text: string): string {
  return text.slice(0, MAX_TEXT).replace(UNWANTED, "").trim();
}

function mark(code: number, data: string): Hint | null {
  const [letter, ...rest] = data.split(";");
  const is = (mark: Mark): Hint => ({ kind: "mark", mark });
  switch (letter) {
    case "A":
      // Prompts of further lines and those at the right belong to the one before.
      return rest.some((part) => /^k=[csr]$/.test(part)) ? null : is({ kind: "prompt" });
    case "B":
      return is({ kind: "input" });
    case "C":
      return is({ kind: "output" });
    case "D":
      return is({ kind: "done", status: status(rest[0] ?? "") });
    case "E":
      return code === 633 ? is({ kind: "text", text: shownText(plain(rest[0] ?? "")) }) : null;
    case "P": {
      const [name, ...value] = rest.join(";").split("=");
      return code === 633 && name === "Cwd" ? absolute(plain(value.join("="))) : null;
    }
    default:
      return null;
  }
}

function status(text: string): number | null {
  if (!/^-?\d{1,10}$/.test(text)) return null;
  const number = Number(text);
  return Math.abs(number) <= MAX_STATUS ? number : null;
}

/** Takes the escapes of 633 away: `\\` and `\x` with two digits. */
function plain(text: string): string {
  return text.replace(/\\(?:\\|x([0-9a-fA-F]{2}))/g, (_, digits?: string) =>
    digits === undefined ? "\\" : String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

function folder(data: string): Hint | null {
  const parts = /^file:\/\/([^/]*)(\/.*)$/.exec(data);
  if (parts === null || !OWN_HOSTS.has((parts[1] ?? "").toLowerCase())) return null;
  try {
    return absolute(decodeURIComponent(parts[2] ?? ""));
  } catch {
    return null;
  }
}

function absolute(path: string): Hint | null {
  const harmless = path.startsWith("/") && path.search(UNWANTED) === -1;
  return harmless ? { kind: "folder", path } : null;
}

function progress(data: string): Hint | null {
  const [state = "", amount = ""] = data.split(";");
  const known = /^\d{1,3}$/.test(amount) ? Math.min(Number(amount), 100) : null;
  const is = (progress: Progress | null): Hint => ({ kind: "progress", progress });
  switch (state) {
    case "0":
      return is(null);
    case "1":
      return is({ state: "normal", value: known ?? 0 });
    case "2":
      return is({ state: "error", value: known });
    case "3":
      return is({ state: "normal", value: null });
    case "4":
      return is({ state: "paused", value: known });
    default:
      return null;
  }
}

function message(title: string, text: string): Hint | null {
  const shown = shownText(text);
  const heading = shownText(title);
  if (shown === "") return null;
  return { kind: "notify", text: shown, ...(heading === "" ? {} : { title: heading }) };
}
