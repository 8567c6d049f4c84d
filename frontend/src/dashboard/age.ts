// How long ago something was, in the largest unit that says it.

import { say, spoken } from "../strings";

const UNITS = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
] as const;

type Unit = (typeof UNITS)[number]["unit"];

const formats = new Map<string, (count: number) => string>();

function format(unit: Unit, length: "long" | "narrow"): (count: number) => string {
  const key = `${spoken()}/${unit}/${length}`;
  let known = formats.get(key);
  if (known === undefined) {
    if (length === "long") {
      const words = new Intl.RelativeTimeFormat(spoken(), { numeric: "always" });
      known = (count) => words.format(-count, unit);
    } else {
      const style = { style: "unit", unit, unitDisplay: length } as const;
      const number = new Intl.NumberFormat(spoken(), style);
      known = (count) => number.format(count);
    }
    formats.set(key, known);
  }
  return known;
}

/** An age, short for the eye or long for the ear. Clocks differ: the future is now. */
export function age(seconds: number, length: "long" | "narrow"): string {
  const known = UNITS.find((unit) => seconds >= unit.seconds);
  if (known !== undefined) {
    return format(known.unit, length)(Math.floor(seconds / known.seconds));
  }
  // Seconds that pass are no news: a card that counts them draws the eye.
  return say(`age.${length}`);
}
