// How a kiosk behaves: said in the query of its address, by whoever sets it up.

/** When a kiosk shows its own keyboard: always, never, or where the person has none. */
export type KeyboardChoice = "on" | "off" | "auto";

export interface KioskOptions {
  /** Milliseconds without a person after which the program starts anew; `null` is never. */
  idle: number | null;
  keyboard: KeyboardChoice;
}

/** Milliseconds of a unit. */
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** The shortest idle time, in milliseconds: a person who reads is not gone. */
const MIN_IDLE = 5_000;

/** The longest, in milliseconds: what a browser's timer can hold. */
const MAX_IDLE = 24 * 3_600_000;

function duration(text: string | null): number | null {
  const [, count, unit = ""] = /^(\d{1,6})([smh])$/.exec(text ?? "") ?? [];
  const length = Number(count) * (UNITS[unit] ?? 0);
  return length > 0 ? Math.min(Math.max(length, MIN_IDLE), MAX_IDLE) : null;
}

/** Reads them, such as `?idle=5m&keyboard=off`. What cannot be read is as if it were not there. */
export function kioskOptions(search: string): KioskOptions {
  const query = new URLSearchParams(search);
  const keyboard = query.get("keyboard");
  return {
    idle: duration(query.get("idle")),
    keyboard: keyboard === "on" || keyboard === "off" ? keyboard : "auto",
  };
}
