// The conversation with the server: opens, says hello, hands out what comes, and after a loss comes
// back to where it was. No browser in here: lines, time and the page are passed in.

import type { ClientMessage } from "../gen/ClientMessage";
import type { Mode } from "../gen/Mode";
import type { Position } from "../gen/Position";
import type { ServerMessage } from "../gen/ServerMessage";
import type { Size } from "../gen/Size";
import { type Bytes, decode, encode, type Frame, FrameError, type Lane } from "../wire/frame";
import { VERSION } from "../wire/version";
import { Backoff } from "./backoff";
import { Heartbeat } from "./heartbeat";
import { InputStream } from "./input";
import type { Display, Identity, Line, Stats, Welcome, World } from "./ports";
import { LOGIN } from "./ports";
import { isRetried, type Verdict, verdictOn } from "./verdict";
import { Window } from "./window";

/** Milliseconds after which a small rest is acknowledged too, so that the server's picture is fresh. */
const ACK_REST = 50;

interface OpenLane {
  lane: Lane;
  window: Window;
}

interface OpenProcess {
  input: InputStream;
  channel: "tty" | "stdin";
  endAsked: boolean;
}

export class Connection {
  readonly stats: Stats = { bytesIn: 0, acks: 0, rttMs: null, reconnects: 0, snapshots: 0 };
  private readonly world: World;
  private readonly display: Display;
  private readonly identity: Identity;
  private readonly backoff: Backoff;
  private readonly heartbeat: Heartbeat;
  private readonly lanes = new Map<string, OpenLane>();
  private readonly processes = new Map<number, OpenProcess>();
  private session: string | null;
  private readonly size: Size;
  /** The sizes of those processes that are not shown in the window's. */
  private readonly sizes = new Map<number, Size>();
  private line: Line | null = null;
  private welcomed = false;
  private everWelcomed = false;
  private lostAt = 0;
  private cancelRetry: () => void = () => {};
  private cancelRest: (() => void) | null = null;
  private pinged = 0;

  constructor(
    world: World,
    display: Display,
    identity: Identity,
    session: string | null,
    size: Size,
  ) {
    this.world = world;
    this.display = display;
    this.identity = identity;
    this.session = session;
    this.size = size;
    this.backoff = new Backoff(world.random);
    this.heartbeat = new Heartbeat(
      world.clock,
      (id) => this.ping(id),
      () => this.drop(),
    );
  }

  /** Connects, for the first time or at once after a loss. */
  open(): void {
    this.cancelRetry();
    this.welcomed = false;
    const line = this.world.dial(this.session);
    this.line = line;
    let opened = false;
    const current = () => this.line === line;
    line.listen({
      opened: () => {
        opened = true;
        if (current()) this.hello();
      },
      received: (message) => {
        if (current()) this.receive(message);
      },
      closed: (code) => {
        if (current()) void this.lost(opened, code);
      },
    });
  }

  /** Something says that the network may be back: try now, or look whether the line still lives. */
  nudge(): void {
    if (this.welcomed) this.heartbeat.start();
    else if (this.line === null && this.lostAt > 0) this.open();
  }

  /** Types into a process. False if so much waits already that this was not taken. */
  type(process: number, bytes: Bytes): boolean {
    const to = this.processes.get(process);
    if (to === undefined || !to.input.push(bytes)) return false;
    this.pump(process, to);
    if (!this.welcomed) this.display.unsent(this.waiting());
    return true;
  }

  /** Closes a process's standard input after what was typed. */
  endInput(process: number): void {
    const to = this.processes.get(process);
    if (to === undefined) return;
    to.endAsked = true;
    this.pump(process, to);
  }

  /** Says how large a process is shown, in cells. */
  resize(process: number, size: Size): void {
    const told = this.sizes.get(process) ?? this.size;
    if (size.cols === told.cols && size.rows === told.rows) return;
    this.sizes.set(process, size);
    if (this.welcomed) this.say({ type: "resize", process, cols: size.cols, rows: size.rows });
  }

  /** Tells the server what is not worth repeating after a loss. */
  tell(message: ClientMessage): void {
    if (this.welcomed) this.say(message);
  }

  /** The first byte of a process's output that was not consumed. */
  offset(lane: Lane): number {
    return this.lanes.get(keyOf(lane))?.window.consumed ?? 0;
  }

  /** Leaves: the process stays as its session's rule says. */
  close(): void {
    const line = this.line;
    this.silence();
    line?.close();
  }

  private hello(): void {
    const from: Position[] = [];
    for (const { lane, window } of this.lanes.values()) {
      if (window.position !== null) from.push({ ...lane, offset: window.position });
    }
    const { client, label } = this.identity;
    const colors = this.identity.colors();
    const pageKey = this.identity.pageKey();
    const key = pageKey === null ? {} : { page_key: pageKey };
    const hello = { type: "hello", version: VERSION, client, label, notices: true } as const;
    // Before the key is proven a message has at most 4 KiB; streams without a place are repeated.
    this.say({ ...hello, ...key, size: this.size, colors, from: from.slice(0, 60) });
  }

  private receive(message: Bytes): void {
    this.heartbeat.heard();
    let frame: Frame;
    try {
      frame = decode(message);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.drop();
      return;
    }
    this.apply(frame);
  }

  private apply(frame: Frame): void {
    switch (frame.kind) {
      case "control":
        this.control(frame.json as ServerMessage);
        return;
      case "output":
        this.output(frame, frame.offset, frame.bytes);
        return;
      case "snapshot": {
        const { window, lane } = this.lane(frame);
        const { offset, cols, rows, skipped, bytes } = frame;
        window.jump(offset);
        this.stats.snapshots += 1;
        this.stats.bytesIn += bytes.length;
        const consumed = () => this.consumed(lane, window, offset);
        this.display.snapshot(lane, { cols, rows }, skipped, bytes, consumed);
        return;
      }
      case "gap": {
        const { window, lane } = this.lane(frame);
        window.jump(frame.offset);
        this.display.gap(lane, frame.from, frame.offset);
        this.consumed(lane, window, frame.offset);
        return;
      }
      case "size":
        this.display.resized(this.lane(frame).lane, { cols: frame.cols, rows: frame.rows });
        return;
      case "input ack": {
        const to = this.processes.get(frame.process);
        to?.input.acknowledge(frame.seq);
        if (to !== undefined) this.pump(frame.process, to);
        return;
      }
      default:
        // `end` asks for nothing: `exit` follows. The others are a client's own.
        return;
    }
  }

  private output(from: Lane, offset: number, bytes: Bytes): void {
    const { window, lane } = this.lane(from);
    const known = window.receive(offset, bytes.length);
    if (known === null) {
      this.drop();
      return;
    }
    const fresh = bytes.subarray(known);
    this.stats.bytesIn += fresh.length;
    const end = offset + bytes.length;
    this.display.output(lane, fresh, () => this.consumed(lane, window, end));
  }

  private control(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.welcome(message);
        return;
      case "session":
        this.display.session(message);
        return;
      case "process": {
        const { process, mode, input } = message.process;
        this.process(process, mode).input.resume(input);
        this.display.appeared(message.process);
        return;
      }
      case "exit":
        this.display.exited(message.process, message.status);
        return;
      case "login":
        // Should it run again, it begins anew.
        this.processes.delete(LOGIN);
        for (const [key, { lane }] of this.lanes)
          if (lane.process === LOGIN) this.lanes.delete(key);
        this.display.loggedIn(message.granted, message.launch ?? null);
        return;
      case "notice":
        this.display.noticed(message.process, message.notice);
        return;
      case "pong":
        this.stats.rttMs = this.world.clock.now() - this.pinged;
        this.display.roundTrip(this.stats.rttMs);
        return;
      case "error":
        this.display.refused(message.code, message.message);
        return;
      default:
        // A newer server may say more.
        return;
    }
  }

  private welcome(welcome: Welcome): void {
    this.session = welcome.session;
    this.welcomed = true;
    this.lostAt = 0;
    if (this.everWelcomed) this.stats.reconnects += 1;
    this.backoff.reset();
    this.display.welcome(welcome, this.everWelcomed);
    this.everWelcomed = true;
    for (const { process, mode, input } of welcome.processes) {
      const to = this.process(process, mode);
      to.input.resume(input);
      this.pump(process, to);
    }
    for (const [process, { cols, rows }] of this.sizes) {
      this.say({ type: "resize", process, cols, rows });
    }
    this.display.unsent(0);
    this.display.phase({ name: "live" });
    this.heartbeat.start();
  }

  private pump(process: number, to: OpenProcess): void {
    if (!this.welcomed) return;
    const lane = { process, channel: to.channel };
    for (let piece = to.input.next(); piece !== null; piece = to.input.next()) {
      this.send({ kind: "input", ...lane, ...piece });
    }
    if (to.endAsked && to.input.waiting === 0) {
      to.endAsked = false;
      this.send({ kind: "input end", ...lane, seq: to.input.length });
    }
  }

  private consumed(lane: Lane, window: Window, offset: number): void {
    const owed = window.consume(offset);
    if (owed !== null) this.acknowledge(lane, owed);
    else if (this.cancelRest === null) {
      this.cancelRest = this.world.clock.after(ACK_REST, () => {
        this.cancelRest = null;
        for (const open of this.lanes.values()) {
          const rest = this.welcomed ? open.window.flush() : null;
          if (rest !== null) this.acknowledge(open.lane, rest);
        }
      });
    }
  }

  private acknowledge(lane: Lane, offset: number): void {
    if (!this.welcomed) return;
    this.stats.acks += 1;
    this.send({ kind: "ack", ...lane, offset });
  }

  private async lost(opened: boolean, code: number): Promise<void> {
    const line = this.line;
    this.welcomed = false;
    this.heartbeat.stop();
    if (this.lostAt === 0) this.lostAt = this.world.clock.now();
    const asked = opened ? verdictOn(code) : await this.world.ask(this.session);
    // Meanwhile somebody may have closed this connection or opened another.
    if (this.line === line) this.settle(asked);
  }

  private settle(why: Verdict): void {
    this.line = null;
    if (!isRetried(why)) {
      this.display.phase({ name: "over", why });
      return;
    }
    const delay = this.backoff.next();
    const retryAt = this.world.clock.now() + delay;
    this.display.phase({ name: "reconnecting", since: this.lostAt, retryAt, why });
    this.cancelRetry();
    this.cancelRetry = this.world.clock.after(delay, () => this.open());
  }

  /** Gives the line up: it is dead, or what it says cannot be understood. */
  private drop(): void {
    const line = this.line;
    this.silence();
    line?.close();
    if (this.lostAt === 0) this.lostAt = this.world.clock.now();
    this.settle("reconnect");
  }

  private silence(): void {
    this.line = null;
    this.welcomed = false;
    this.heartbeat.stop();
    this.cancelRetry();
  }

  private lane(of: Lane): OpenLane {
    const key = keyOf(of);
    let open = this.lanes.get(key);
    if (open === undefined) {
      const lane = { process: of.process, channel: of.channel };
      open = { lane, window: new Window() };
      this.lanes.set(key, open);
    }
    return open;
  }

  private waiting(): number {
    let bytes = 0;
    for (const { input } of this.processes.values()) bytes += input.waiting;
    return bytes;
  }

  private process(process: number, mode: Mode): OpenProcess {
    let open = this.processes.get(process);
    if (open === undefined) {
      const channel = mode === "pty" || mode === "pty+err" ? "tty" : "stdin";
      open = { input: new InputStream(), channel, endAsked: false };
      this.processes.set(process, open);
    }
    return open;
  }

  private ping(id: number): void {
    this.pinged = this.world.clock.now();
    this.say({ type: "ping", id });
  }

  private say(message: ClientMessage): void {
    this.send({ kind: "control", json: message });
  }

  private send(frame: Frame): void {
    this.line?.send(encode(frame));
  }
}

function keyOf(lane: Lane): string {
  return `${lane.process}/${lane.channel}`;
}
