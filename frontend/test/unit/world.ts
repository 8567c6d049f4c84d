// A world without browser or time: lines that a test speaks on, a clock that it moves.

import type { ServerMessage } from "../../src/gen/ServerMessage";
import { Connection } from "../../src/session/connection";
import type { Display, Line, LineEvents, Phase } from "../../src/session/ports";
import type { Verdict } from "../../src/session/verdict";
import { type Bytes, decode, encode, type Frame } from "../../src/wire/frame";

/** The other end of a line. */
const COLORS = { foreground: "#112233", background: "#ffeedd" };

export class TestLine implements Line {
  readonly sent: Frame[] = [];
  closed = false;
  private events: LineEvents | null = null;

  listen(events: LineEvents): void {
    this.events = events;
  }

  send(message: Bytes): void {
    this.sent.push(decode(message));
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.events?.opened();
  }

  say(frame: Frame): void {
    this.events?.received(encode(frame));
  }

  break(code = 1006): void {
    this.events?.closed(code);
  }

  /** What was sent of one kind. */
  of<K extends Frame["kind"]>(kind: K): Extract<Frame, { kind: K }>[] {
    return this.sent.filter((frame) => frame.kind === kind) as Extract<Frame, { kind: K }>[];
  }
}

interface Timer {
  at: number;
  run: () => void;
}

/** A connection and all that is around it. */
export class TestWorld {
  readonly lines: TestLine[] = [];
  readonly phases: Phase[] = [];
  readonly shown: number[] = [];
  readonly sessions: (string | null)[] = [];
  readonly connection: Connection;
  /** What is consumed only when the test says so. */
  readonly unconsumed: (() => void)[] = [];
  verdict: Verdict = "reconnect";
  private now = 0;
  private timers: Timer[] = [];

  constructor(session: string | null = null) {
    const clock = {
      now: () => this.now,
      after: (delay: number, run: () => void) => {
        const timer = { at: this.now + delay, run };
        this.timers.push(timer);
        return () => {
          this.timers = this.timers.filter((other) => other !== timer);
        };
      },
    };
    const display: Display = {
      phase: (phase) => this.phases.push(phase),
      welcome: () => {},
      appeared: () => {},
      output: (_lane, bytes, consumed) => {
        this.shown.push(...bytes);
        this.unconsumed.push(consumed);
      },
      snapshot: (_lane, _size, _skipped, bytes, consumed) => {
        this.shown.splice(0, this.shown.length, ...bytes);
        this.unconsumed.push(consumed);
      },
      resized: () => {},
      gap: () => {},
      exited: () => {},
      session: () => {},
      loggedIn: () => {},
      noticed: () => {},
      unsent: () => {},
      roundTrip: () => {},
      refused: () => {},
    };
    const world = {
      clock,
      random: () => 0.5,
      dial: (of: string | null) => {
        this.sessions.push(of);
        const line = new TestLine();
        this.lines.push(line);
        return line;
      },
      ask: async () => this.verdict,
    };
    const identity = { client: "c", label: "test", pageKey: () => "key", colors: () => COLORS };
    this.connection = new Connection(world, display, identity, session, { cols: 80, rows: 24 });
  }

  get line(): TestLine {
    const line = this.lines.at(-1);
    if (line === undefined) throw new Error("nothing was dialled");
    return line;
  }

  get phase(): Phase | undefined {
    return this.phases.at(-1);
  }

  /** Lets time go by, timer by timer. */
  pass(milliseconds: number): void {
    const until = this.now + milliseconds;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((other) => other !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = until;
  }

  /** Opens the line of now and welcomes. */
  welcome(input = 0): void {
    this.line.open();
    const size = { cols: 80, rows: 24 };
    const message: ServerMessage = {
      type: "welcome",
      version: 1,
      session: "s-0123456789",
      role: "owner",
      processes: [{ process: 1, mode: "pty", title: "bash", size, input }],
      answers_queries: true,
    };
    this.line.say({ kind: "control", json: message });
  }

  output(offset: number, ...bytes: number[]): void {
    const lane = { process: 1, channel: "tty" as const };
    this.line.say({ kind: "output", ...lane, offset, bytes: Uint8Array.from(bytes) });
  }

  consumeAll(): void {
    for (const consumed of this.unconsumed.splice(0)) consumed();
  }
}

/** Lets everything that was promised happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}
