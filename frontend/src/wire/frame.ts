// The binary frames of awp.v1: the mirror of src/wire/frame.rs. The specification is the module
// document of src/wire/mod.rs; tests/fixtures/wire holds frames that both sides read.

import type { Channel } from "../gen/Channel";
import type { Size } from "../gen/Size";

/** Bytes as they come off a socket and as a socket takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** One channel of one process. */
export interface Lane {
  process: number;
  channel: Channel;
}

/** What a frame says. The kinds have the names of the specification's table. */
export type Frame =
  | { kind: "control"; json: unknown }
  | ({ kind: "input"; seq: number; bytes: Bytes } & Lane)
  | ({ kind: "input end"; seq: number } & Lane)
  | ({ kind: "ack"; offset: number } & Lane)
  | ({ kind: "output"; offset: number; bytes: Bytes } & Lane)
  | ({ kind: "size"; offset: number } & Size & Lane)
  | ({ kind: "end"; offset: number } & Lane)
  | ({ kind: "snapshot"; offset: number; skipped: number; bytes: Bytes } & Size & Lane)
  | ({ kind: "gap"; from: number; offset: number } & Lane)
  | ({ kind: "input ack"; seq: number } & Lane);

/** The longest frame, in bytes, header included. */
export const MAX_FRAME = 1024 * 1024;

/** Bytes that every frame starts with: kind, channel, process. */
const HEADER = 4;

/** Bytes of an offset or a sequence number. */
const NUMBER = 8;

/** The largest side of a terminal, in cells. */
const MAX_SIDE = 1000;

const CHANNELS: readonly Channel[] = ["stdin", "stdout", "stderr", "tty"];

const KINDS: Readonly<Record<Frame["kind"], number>> = {
  control: 0x00,
  input: 0x01,
  "input end": 0x02,
  ack: 0x03,
  output: 0x11,
  size: 0x12,
  end: 0x13,
  snapshot: 0x14,
  gap: 0x15,
  "input ack": 0x16,
};

/** Why bytes are not a frame, in the words that the server uses. */
export class FrameError extends Error {}

/** Reads fields off a frame, front to back. */
class Reader {
  private readonly frame: Bytes;
  private readonly view: DataView;
  private at = 0;

  constructor(frame: Bytes) {
    this.frame = frame;
    this.view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  number(): number {
    const at = this.take(NUMBER);
    const value = this.view.getUint32(at + 4, true) * 2 ** 32 + this.view.getUint32(at, true);
    if (value > Number.MAX_SAFE_INTEGER) throw new FrameError("number out of range");
    return value;
  }

  size(): Size {
    const size = { cols: this.u16(), rows: this.u16() };
    const valid = (cells: number) => cells >= 1 && cells <= MAX_SIDE;
    if (!valid(size.cols) || !valid(size.rows)) throw new FrameError("size out of range");
    return size;
  }

  rest(): Bytes {
    const bytes = this.frame.subarray(this.at);
    this.at = this.frame.length;
    return bytes;
  }

  done(): void {
    if (this.at !== this.frame.length) throw new FrameError("the frame is too long");
  }

  private take(count: number): number {
    const at = this.at;
    if (at + count > this.frame.length) throw new FrameError("the frame is too short");
    this.at += count;
    return at;
  }
}

/** Reads one frame, whole; throws a `FrameError` for what the table does not allow. */
export function decode(message: Bytes): Frame {
  if (message.length > MAX_FRAME) throw new FrameError("the frame is too long");
  const reader = new Reader(message);
  const [kind, number, process] = [reader.u8(), reader.u8(), reader.u16()];
  if (kind === KINDS.control) return { kind: "control", json: parse(reader.rest()) };
  const channel = CHANNELS[number];
  if (channel === undefined) throw new FrameError("unknown channel");
  const frame = body(kind, { process, channel }, reader);
  reader.done();
  return frame;
}

function body(kind: number, lane: Lane, reader: Reader): Frame {
  switch (kind) {
    case KINDS.input:
      return { kind: "input", ...lane, seq: reader.number(), bytes: reader.rest() };
    case KINDS["input end"]:
      return { kind: "input end", ...lane, seq: reader.number() };
    case KINDS.ack:
      return { kind: "ack", ...lane, offset: reader.number() };
    case KINDS.output:
      return { kind: "output", ...lane, offset: reader.number(), bytes: reader.rest() };
    case KINDS.size:
      return { kind: "size", ...lane, offset: reader.number(), ...reader.size() };
    case KINDS.end:
      return { kind: "end", ...lane, offset: reader.number() };
    case KINDS.snapshot: {
      const place = { offset: reader.number(), ...reader.size(), skipped: reader.number() };
      return { kind: "snapshot", ...lane, ...place, bytes: reader.rest() };
    }
    case KINDS.gap:
      return { kind: "gap", ...lane, from: reader.number(), offset: reader.number() };
    case KINDS["input ack"]:
      return { kind: "input ack", ...lane, seq: reader.number() };
    default:
      throw new FrameError("unknown frame kind");
  }
}

/** Writes a frame. */
export function encode(frame: Frame): Bytes {
  if (frame.kind === "control") {
    const json = new TextEncoder().encode(JSON.stringify(frame.json));
    const message = new Uint8Array(HEADER + json.length);
    message.set(json, HEADER);
    return message;
  }
  const bytes = "bytes" in frame ? frame.bytes : new Uint8Array(0);
  const fields = fieldsOf(frame);
  const width = fields.reduce((sum, field) => sum + field.width, 0);
  const message = new Uint8Array(HEADER + width + bytes.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, KINDS[frame.kind]);
  view.setUint8(1, CHANNELS.indexOf(frame.channel));
  view.setUint16(2, frame.process, true);
  let at = HEADER;
  for (const { width, value } of fields) {
    if (width === NUMBER) {
      view.setUint32(at, value % 2 ** 32, true);
      view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
    } else {
      view.setUint16(at, value, true);
    }
    at += width;
  }
  message.set(bytes, at);
  return message;
}

interface Field {
  width: typeof NUMBER | 2;
  value: number;
}

function fieldsOf(frame: Exclude<Frame, { kind: "control" }>): Field[] {
  const number = (value: number): Field => ({ width: NUMBER, value });
  const side = (value: number): Field => ({ width: 2, value });
  switch (frame.kind) {
    case "input":
    case "input end":
    case "input ack":
      return [number(frame.seq)];
    case "ack":
    case "output":
    case "end":
      return [number(frame.offset)];
    case "size":
      return [number(frame.offset), side(frame.cols), side(frame.rows)];
    case "snapshot": {
      const { offset, cols, rows, skipped } = frame;
      return [number(offset), side(cols), side(rows), number(skipped)];
    }
    case "gap":
      return [number(frame.from), number(frame.offset)];
  }
}

function parse(json: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    throw new FrameError("a control message is not JSON");
  }
}
