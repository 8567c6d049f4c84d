// Settings as a file: written for another device, read with care.

import { allowed, type Settings, USUAL, VERSION } from "./kept";

/** Bytes of a file of settings: what is written is a hundredth of it. */
export const MAX_FILE = 64 * 1024;

/** Why a file is not taken: it is no such file, of another form, or one of its settings cannot be. */
export type Refused =
  | { why: "kind" }
  | { why: "version"; version: string }
  | { why: "value"; name: string };

/** The file. */
export function written(settings: Settings): string {
  return `${JSON.stringify({ awp: "settings", version: VERSION, settings }, null, 2)}\n`;
}

function record(value: unknown): Record<string, unknown> | null {
  const is = typeof value === "object" && value !== null && !Array.isArray(value);
  return is ? (value as Record<string, unknown>) : null;
}

/** What a file says; what it leaves out is as usual. All of it is taken, or nothing. */
export function read(text: string): Settings | Refused {
  let file: Record<string, unknown> | null = null;
  try {
    file = record(JSON.parse(text));
  } catch {
    return { why: "kind" };
  }
  const found = record(file?.["settings"]);
  if (file?.["awp"] !== "settings" || found === null) return { why: "kind" };
  if (file["version"] !== VERSION) return { why: "version", version: String(file["version"]) };
  for (const [name, value] of Object.entries(found)) {
    const known = Object.hasOwn(USUAL, name);
    if (!known || !allowed(name as keyof Settings, value)) return { why: "value", name };
  }
  return { ...USUAL, ...found };
}
