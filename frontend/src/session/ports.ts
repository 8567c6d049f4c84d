// What a connection needs of the world and what it tells the page: interfaces, so that it runs and
// is tested without a browser.

import type { Colors } from "../gen/Colors";
import type { ExitStatus } from "../gen/ExitStatus";
import type { Notice } from "../gen/Notice";
import type { ProcessInfo } from "../gen/ProcessInfo";
import type { ServerMessage } from "../gen/ServerMessage";
import type { SessionInfo } from "../gen/SessionInfo";
import type { Size } from "../gen/Size";
import type { Bytes, Lane } from "../wire/frame";
import type { Verdict } from "./verdict";

/** What a line tells. */
export interface LineEvents {
  opened(): void;
  received(message: Bytes): void;
  /** Once, at the end; whether it was ever open. */
  closed(code: number): void;
}

/** An ordered carrier of messages, such as a WebSocket. It may have begun before it is listened to. */
export interface Line {
  listen(events: LineEvents): void;
  send(message: Bytes): void;
  close(): void;
}

/** Time, in milliseconds. */
export interface Clock {
  now(): number;
  /** Runs something later; the answer cancels it. */
  after(delay: number, run: () => void): () => void;
}

/** The answer to `hello`. */
export type Welcome = Extract<ServerMessage, { type: "welcome" }>;

/** Where a connection stands. */
/** The number of a session's login program. */
export const LOGIN = 0;

export type Phase =
  | { name: "connecting" }
  | { name: "live" }
  | { name: "reconnecting"; since: number; retryAt: number; why: Verdict }
  | { name: "over"; why: Verdict };

/** What the page does with what arrives. `consumed` is called when bytes have been dealt with. */
export interface Display {
  phase(phase: Phase): void;
  welcome(welcome: Welcome, resumed: boolean): void;
  /** A process began after the welcome. */
  appeared(info: ProcessInfo): void;
  /** The session as a whole: who is there, how it is laid out. */
  session(info: SessionInfo): void;
  output(lane: Lane, bytes: Bytes, consumed: () => void): void;
  snapshot(lane: Lane, size: Size, skipped: number, bytes: Bytes, consumed: () => void): void;
  resized(lane: Lane, size: Size): void;
  gap(lane: Lane, from: number, offset: number): void;
  exited(process: number, status: ExitStatus): void;
  /** The login program is done with; if somebody was let in, what it stood before follows. */
  loggedIn(granted: boolean, launch: string | null): void;
  /** A program tells something beside its output. */
  noticed(process: number, notice: Notice): void;
  /** Bytes that were typed and that the server has not taken, while there is no connection. */
  unsent(bytes: number): void;
  roundTrip(milliseconds: number): void;
  refused(code: string, message: string): void;
}

/** What a connection is made from. */
export interface World {
  clock: Clock;
  random: () => number;
  /** The line of now, to a session or, without one, to a new one. */
  dial(session: string | null): Line;
  /** Why a line could not be opened, asked where a browser does not say. */
  ask(session: string | null): Promise<Verdict>;
}

/** Who the client is. */
export interface Identity {
  /** 128 random bits, kept over reconnects. */
  client: string;
  /** What this device is called, for the others who are there. */
  label: string;
  /** The proof of the login of now, if there is one. */
  pageKey(): string | null;
  /** What text is drawn in, for programs that ask. */
  colors(): Colors;
}

/** Numbers since the page was loaded. */
export interface Stats {
  bytesIn: number;
  acks: number;
  rttMs: number | null;
  reconnects: number;
  snapshots: number;
}
