// A command in words: what it was, how it ended, how long it took.

import type { Command } from "../../marks/commands";
import { inDigits } from "../../strings";
import { say } from "./strings";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A time as a person reads it. */
export function durationWords(milliseconds: number): string {
  if (milliseconds < SECOND) {
    return say("time.milliseconds", { count: String(Math.round(milliseconds)) });
  }
  if (milliseconds < MINUTE) {
    return say("time.seconds", { count: inDigits(Math.floor(milliseconds / 100) / 10) });
  }
  const minutes = String(Math.floor((milliseconds % HOUR) / MINUTE));
  if (milliseconds >= HOUR) {
    return say("time.hours", { hours: String(Math.floor(milliseconds / HOUR)), minutes });
  }
  const seconds = String(Math.floor((milliseconds % MINUTE) / SECOND));
  return say("time.minutes", { minutes, seconds });
}

/** What a command is called. */
export function nameOf({ text }: { text: string }): string {
  return text === "" ? say("marks.unnamed") : text;
}

/** How a command ended, or that it runs. */
export function howOf({ state, status }: Pick<Command<unknown>, "state" | "status">): string {
  if (state === "running") return say("marks.running");
  return status === null ? say("marks.done") : say("marks.status", { status: String(status) });
}

/** All of it. */
export function sentenceOf(command: Command<unknown>): string {
  const values = { command: nameOf(command), how: howOf(command) };
  return command.duration === null
    ? say("marks.plain", values)
    : say("marks.took", { ...values, duration: durationWords(command.duration) });
}
