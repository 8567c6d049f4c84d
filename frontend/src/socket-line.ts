// A WebSocket as a line that may begin before anybody listens: what comes early is kept.

import type { Line, LineEvents } from "./session/ports";
import type { Bytes } from "./wire/frame";

/** The name of the protocol. */
const PROTOCOL = "awp.v1";

export class SocketLine implements Line {
  private readonly socket: WebSocket;
  private readonly early: ((events: LineEvents) => void)[] = [];
  private events: LineEvents | null = null;

  constructor(path: string) {
    const url = new URL(path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(url, PROTOCOL);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.tell((events) => events.opened());
    this.socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      // The protocol has no text; an empty message is one that cannot be understood.
      const message = typeof data === "string" ? new Uint8Array(0) : new Uint8Array(data);
      this.tell((events) => events.received(message));
    };
    this.socket.onclose = ({ code }) => this.tell((events) => events.closed(code));
  }

  listen(events: LineEvents): void {
    this.events = events;
    for (const event of this.early.splice(0)) event(events);
  }

  send(message: Bytes): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(message);
  }

  close(): void {
    this.socket.close();
  }

  private tell(event: (events: LineEvents) => void): void {
    if (this.events === null) this.early.push(event);
    else event(this.events);
  }
}
