// How long ago something was, in the largest unit that says it.

import { say } from "../strings";

const UNITS = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
] as const;

const formats = new Map<string, Intl.NumberFormat>();

function format(unit: string, unitDisplay: "long" | "narrow"): Intl.NumberFormat {
  const key = `${unit}/${unitDisplay}`;
  let known = formats.get(key);
  if (known === undefined) {
    known = new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay });
    formats.set(key, known);
  }
  return known;
}

/** An age, short for the eye or long for the ear. Clocks differ: the future is now. */
export function age(seconds: number, length: "long" | "narrow"): string {
  const known = UNITS.find((unit) => seconds >= unit.seconds);
  if (known !== undefined) {
    return format(known.unit, length).format(Math.floor(seconds / known.seconds));
  }
  // Seconds that pass are no news: a card that counts them draws the eye.
  return say(`age.${length}`);
}
