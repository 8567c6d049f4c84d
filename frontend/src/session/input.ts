// Input of one process: one numbered stream, kept until it is acknowledged, so that a lost
// connection neither loses a key nor types it twice.

import type { Bytes } from "../wire/frame";

/** Bytes that may be unacknowledged, as the protocol says; the rest of a paste waits here. */
export const INPUT_WINDOW = 64 * 1024;

/** Bytes of one frame: a key that follows a paste waits for no more than this. */
const CHUNK = 16 * 1024;

/** Bytes that may wait: more than anybody pastes on purpose. */
const MAX_WAITING = 32 * 1024 * 1024;

/** A piece of input on its way. */
export interface Piece {
  seq: number;
  bytes: Bytes;
}

export class InputStream {
  /** The position of the first byte that is kept. */
  private acknowledged = 0;
  /** The position up to which the connection of now has sent. */
  private sent = 0;
  private end = 0;
  private pieces: Piece[] = [];

  /** Bytes that were not acknowledged yet. */
  get waiting(): number {
    return this.end - this.acknowledged;
  }

  /** The position after the last byte. */
  get length(): number {
    return this.end;
  }

  /** Takes bytes in, or none of them if too many wait already. */
  push(bytes: Bytes): boolean {
    if (this.waiting + bytes.length > MAX_WAITING) return false;
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const piece = bytes.slice(at, at + CHUNK);
      this.pieces.push({ seq: this.end, bytes: piece });
      this.end += piece.length;
    }
    return true;
  }

  /** The next piece that may be sent, if there is one. */
  next(): Piece | null {
    const room = this.acknowledged + INPUT_WINDOW - this.sent;
    const piece = this.pieces.find(({ seq, bytes }) => seq + bytes.length > this.sent);
    if (piece === undefined || room <= 0) return null;
    const skip = this.sent - piece.seq;
    const bytes = piece.bytes.subarray(skip, skip + room);
    const seq = this.sent;
    this.sent += bytes.length;
    return { seq, bytes };
  }

  /** Everything below `seq` has arrived. */
  acknowledge(seq: number): void {
    this.acknowledged = Math.min(Math.max(this.acknowledged, seq), this.end);
    this.sent = Math.max(this.sent, this.acknowledged);
    const kept = this.pieces.findIndex((piece) => piece.seq + piece.bytes.length > seq);
    this.pieces.splice(0, kept === -1 ? this.pieces.length : kept);
  }

  /** A new connection begins; the server has everything below `seq`. */
  resume(seq: number): void {
    if (seq > this.end) {
      // A page that was loaded anew under its old client id: it goes on where it was.
      this.pieces = this.pieces.map((piece) => ({
        ...piece,
        seq: piece.seq + seq - this.acknowledged,
      }));
      this.end += seq - this.acknowledged;
      this.acknowledged = seq;
    }
    this.acknowledge(seq);
    this.sent = this.acknowledged;
  }
}
