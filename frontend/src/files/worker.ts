// A worker that moves files: in parts, with progress, and on from where a connection broke off. What
// the server refuses is an answer for the person and no fault of the page, as in asker.ts.

import { type Answer, MAX_FAILURES, nameOf, partAt, stepOf, waitAfter } from "./plan";

/** What is asked of it. */
export type Order = { id: number; address: string; headers: Record<string, string> } & (
  | { kind: "upload"; file: File }
  | { kind: "download"; path: string }
  | { kind: "cancel" }
);

/** What it tells. */
export type Report = { id: number } & (
  | { now: "moving"; done: number; size: number | null }
  | { now: "waiting" }
  | { now: "uploaded"; path: string }
  | { now: "downloaded"; name: string; blob: Blob }
  | { now: "failed"; code: string; message: string }
);

/** Milliseconds between two reports of progress: as often as anybody looks. */
const TICK = 100;

/** Bytes that are gathered before the browser is given them to keep: it keeps large ones on disk. */
const GATHERED = 8 * 1024 * 1024;

const running = new Map<number, AbortController>();

class Job {
  private readonly order: Order;
  private readonly stop = new AbortController();
  private told = 0;

  constructor(order: Order) {
    this.order = order;
    running.set(order.id, this.stop);
  }

  async upload(file: File): Promise<void> {
    let failures = 0;
    let offset: number | null = null;
    while (!this.stop.signal.aborted) {
      const answer: Answer = await this.send(file, offset);
      const step = stepOf(answer);
      if (step.go === "done") return this.report({ now: "uploaded", path: step.path });
      if (step.go === "stop") return this.report({ now: "failed", ...step });
      if (step.go === "on") {
        if (offset === null || step.offset > offset) failures = 0;
        offset = step.offset;
        this.moved(offset, file.size);
        continue;
      }
      offset = null;
      failures += 1;
      if (!(await this.waitAfter(failures))) return;
    }
  }

  async download(path: string): Promise<void> {
    const kept: Blob[] = [];
    let done = 0;
    let tag: string | null = null;
    let failures = 0;
    while (!this.stop.signal.aborted) {
      const on: Record<string, string> =
        done > 0 && tag !== null ? { range: `bytes=${done}-`, "if-range": tag } : {};
      let response: Response;
      try {
        response = await this.fetch(on);
        if (response.status !== 206 && response.ok) {
          kept.length = 0;
          done = 0;
        }
        if (!response.ok) {
          const step = stepOf({ status: response.status, body: await response.text() });
          if (step.go === "stop") return this.report({ now: "failed", ...step });
          throw new Error("not now");
        }
        tag = response.headers.get("etag");
        const size = done + Number(response.headers.get("content-length"));
        for await (const blob of gather(response, (bytes) => this.moved(done + bytes, size))) {
          kept.push(blob);
          done += blob.size;
          failures = 0;
        }
      } catch {
        failures += 1;
        if (!(await this.waitAfter(failures))) return;
        continue;
      }
      const name = nameOf(response.headers.get("content-disposition"), path);
      const blob = new Blob(kept, { type: "application/octet-stream" });
      return this.report({ now: "downloaded", name, blob });
    }
  }

  /** Sends a part, or without an offset asks how much is there. */
  private send(file: File, offset: number | null): Promise<Answer> {
    const { address, headers } = this.order;
    const request = new XMLHttpRequest();
    request.open("PUT", address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    let body: Blob | null = null;
    // An empty file has no parts.
    if (file.size > 0) {
      const { range, end } = partAt(offset ?? 0, file.size);
      if (offset !== null) body = file.slice(offset, end);
      const none = `bytes */${file.size}`;
      request.setRequestHeader("content-range", offset === null ? none : range);
    }
    const cancel = () => request.abort();
    this.stop.signal.addEventListener("abort", cancel);
    request.upload.onprogress = ({ loaded }) => {
      if (offset !== null) this.moved(offset + loaded, file.size);
    };
    return new Promise((resolve) => {
      request.onloadend = () => {
        this.stop.signal.removeEventListener("abort", cancel);
        resolve({ status: request.status, body: request.responseText });
      };
      request.send(body);
    });
  }

  private fetch(on: Record<string, string>): Promise<Response> {
    const { address, headers } = this.order;
    const { signal } = this.stop;
    return fetch(address, { headers: { ...headers, ...on }, cache: "no-store", signal });
  }

  private moved(done: number, size: number | null): void {
    const now = performance.now();
    if (now - this.told < TICK) return;
    this.told = now;
    this.report({ now: "moving", done, size });
  }

  /** Waits a while after so many failures, or until the device has a network; false if that is over. */
  private async waitAfter(failures: number): Promise<boolean> {
    if (this.stop.signal.aborted) return false;
    if (failures > MAX_FAILURES) {
      this.report({ now: "failed", code: "unreachable", message: "" });
      return false;
    }
    this.report({ now: "waiting" });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitAfter(failures));
      const over = () => {
        clearTimeout(timer);
        resolve();
      };
      self.addEventListener("online", over, { once: true, signal: this.stop.signal });
      this.stop.signal.addEventListener("abort", over, { once: true });
    });
    return !this.stop.signal.aborted;
  }

  private report(
    report: Report extends infer R ? (R extends Report ? Omit<R, "id"> : never) : never,
  ) {
    if (!this.stop.signal.aborted) self.postMessage({ id: this.order.id, ...report });
  }
}

/** What an answer brings, a large piece at a time. Also what a broken one brought before. */
async function* gather(response: Response, moved: (bytes: number) => void): AsyncGenerator<Blob> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      bytes += value.length;
      moved(bytes);
      if (bytes < GATHERED) continue;
      yield new Blob(pieces);
      pieces = [];
      bytes = 0;
    }
  } catch (error) {
    if (bytes > 0) yield new Blob(pieces);
    throw error;
  }
  if (bytes > 0) yield new Blob(pieces);
}

self.addEventListener("message", async ({ data }: MessageEvent<Order>) => {
  if (data.kind === "cancel") {
    running.get(data.id)?.abort();
    if (data.address !== "") {
      await fetch(data.address, { method: "DELETE", headers: data.headers }).catch(() => {});
    }
    return;
  }
  const job = new Job(data);
  if (data.kind === "upload") await job.upload(data.file);
  else await job.download(data.path);
  running.delete(data.id);
});
