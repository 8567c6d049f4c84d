// Times as words.

import { spoken } from "../../strings";

/** A moment, in seconds since 1970. */
export function inTime(seconds: number): string {
  const moment = new Intl.DateTimeFormat(spoken(), { dateStyle: "medium", timeStyle: "short" });
  return moment.format(seconds * 1000);
}

/** A length of time as players write it: 1:02:03, or 2:03. */
export function asClock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (number: number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
