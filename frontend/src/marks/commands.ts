// The commands of a shell as its marks tell them: where each prompt, its output and its end are, how
// it ended and how long it took. What is not told is not there; nothing is guessed.

import type { Mark } from "./sequence";

/** Commands that are remembered: each line that scrolls out is compared with the places of all. */
export const MAX_COMMANDS = 400;

/** One command; a place that is no more is null. */
export interface Command<P> {
  state: "prompt" | "running" | "done";
  /** What was typed, as far as it is known. */
  text: string;
  prompt: P | null;
  /** Where the typing begins; until the command runs. */
  input: P | null;
  output: P | null;
  end: P | null;
  /** The beginning of its output is no longer held. */
  cut: boolean;
  status: number | null;
  /** When it began, if somebody saw that. */
  started: number | null;
  /** Milliseconds that it took, if both ends were seen. */
  duration: number | null;
}

/** What the list needs of the terminal. */
export interface Places<P> {
  /** Where the cursor is; null where no place can be kept. */
  here(): P | null;
  /** The text from a place to where the cursor is. */
  textFrom(place: P): string;
  drop(place: P): void;
}

export class CommandList<P> {
  /** The oldest first. Only the last one can be a prompt or running. */
  readonly all: Command<P>[] = [];
  private readonly places: Places<P>;

  constructor(places: Places<P>) {
    this.places = places;
  }

  /** Takes a mark in; `now` is null when what comes is of an unknown time. Returns what ended. */
  take(mark: Mark, now: number | null): Command<P> | null {
    const last = this.open();
    switch (mark.kind) {
      case "prompt":
        return this.prompt(last);
      case "input":
        if (last?.state !== "prompt") return null;
        this.drop(last.input);
        last.input = this.places.here();
        return null;
      case "text":
        if (last?.state === "prompt") last.text = mark.text;
        return null;
      case "output":
        if (last?.state === "prompt") this.run(last, now);
        return null;
      case "done":
        if (last?.state === "prompt") this.forget(last);
        return last?.state === "running" ? this.end(last, mark.status, now) : null;
    }
  }

  /** Time passed that nobody saw: how long the running command takes is not known any more. */
  interrupted(): void {
    const last = this.open();
    if (last !== null) last.started = null;
  }

  /** Takes a command away, with all its places. */
  forget(command: Command<P>): void {
    const at = this.all.indexOf(command);
    if (at === -1) return;
    this.all.splice(at, 1);
    for (const place of [command.prompt, command.input, command.output, command.end]) {
      this.drop(place);
    }
  }

  /** Takes all of them away. */
  clear(): void {
    while (this.all.length > 0) this.forget(this.all[0] as Command<P>);
  }

  /** The command that is not done. */
  private open(): Command<P> | null {
    const last = this.all.at(-1);
    return last === undefined || last.state === "done" ? null : last;
  }

  private prompt(last: Command<P> | null): Command<P> | null {
    // The same prompt, drawn anew.
    if (last?.state === "prompt") this.forget(last);
    // Its end was not told: it is over, and nobody knows how.
    const ended = last?.state === "running" ? this.end(last, null, null) : null;
    const prompt = this.places.here();
    if (prompt === null) return ended;
    this.all.push({
      state: "prompt",
      text: "",
      prompt,
      input: null,
      output: null,
      end: null,
      cut: false,
      status: null,
      started: null,
      duration: null,
    });
    const oldest = this.all[0];
    if (this.all.length > MAX_COMMANDS && oldest !== undefined) this.forget(oldest);
    return ended;
  }

  private run(command: Command<P>, now: number | null): void {
    command.state = "running";
    command.started = now;
    if (command.text === "" && command.input !== null) {
      command.text = this.places.textFrom(command.input);
    }
    this.drop(command.input);
    command.input = null;
    command.output = this.places.here();
  }

  private end(command: Command<P>, status: number | null, now: number | null): Command<P> {
    command.state = "done";
    command.status = status;
    command.end = this.places.here();
    if (command.started !== null && now !== null) {
      command.duration = Math.max(0, now - command.started);
    }
    return command;
  }

  private drop(place: P | null): void {
    if (place !== null) this.places.drop(place);
  }
}
