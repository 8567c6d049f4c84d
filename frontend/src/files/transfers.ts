// The files that are on their way, as the page knows them: what each is doing, and what a person can
// make it do. The moving itself is the worker's.

import { signal } from "@preact/signals";
import { credentials } from "../credentials";
import { apiPath } from "../route";
import { trustedScriptUrl } from "../trusted";
import type { Order, Report } from "./worker";
import workerUrl from "./worker?worker&url";

/** Files on their way at once: the server takes a few of one session, and others want some. */
const AT_ONCE = 2;

/** Files in the list: those that are done go first. */
const MAX_LISTED = 100;

/** Milliseconds that a downloaded file is held for the browser to keep it. */
const HELD = 60_000;

/** How a transfer stands. */
export type State =
  | { is: "queued" }
  | { is: "moving"; done: number; size: number | null }
  | { is: "waiting"; done: number; size: number | null }
  /** There is a file of this name: replace it? */
  | { is: "asking" }
  | { is: "done"; path: string }
  | { is: "failed"; code: string; message: string };

/** A file on its way. */
export interface Transfer {
  readonly id: number;
  readonly session: string;
  readonly process: number;
  readonly path: string;
  /** What is uploaded; a download has nothing yet. */
  readonly file: File | null;
  /** The question of a program that the file answers, or its offer that is taken. */
  readonly told: number | null;
  readonly overwrite: boolean;
  readonly state: State;
}

export const transfers = signal<readonly Transfer[]>([]);

let worker: Worker | null = null;
let last = 0;
/** So that what this page began is not taken for what another did. */
const word = crypto.randomUUID();

function work(order: Order): void {
  if (worker === null) {
    worker = new Worker(trustedScriptUrl(workerUrl), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Report>) => heard(data));
  }
  worker.postMessage(order);
}

function addressOf({ id, session, process, path, file, told, overwrite }: Transfer): string {
  const place = `sessions/${encodeURIComponent(session)}`;
  if (file === null && told !== null) return apiPath(`${place}/offers/${told}`);
  const query = new URLSearchParams({ path, process: String(process) });
  if (file !== null) query.set("upload", `${word}-${id}`);
  if (told !== null) query.set("ask", String(told));
  if (overwrite) query.set("overwrite", "true");
  return apiPath(`${place}/files?${query}`);
}

function change(id: number, to: Partial<Transfer>): void {
  transfers.value = transfers.value.map((one) => (one.id === id ? { ...one, ...to } : one));
}

function heard(report: Report): void {
  const { id } = report;
  const known = transfers.value.find((one) => one.id === id)?.state;
  if (known === undefined) return;
  switch (report.now) {
    case "moving":
      change(id, { state: { is: "moving", done: report.done, size: report.size } });
      break;
    case "waiting": {
      const { done, size } = known.is === "moving" ? known : { done: 0, size: null };
      if (known.is !== "waiting") change(id, { state: { is: "waiting", done, size } });
      break;
    }
    case "uploaded":
      change(id, { state: { is: "done", path: report.path } });
      break;
    case "downloaded":
      keep(report.name, report.blob);
      change(id, { state: { is: "done", path: report.name } });
      break;
    case "failed": {
      const { code, message } = report;
      change(id, { state: code === "exists" ? { is: "asking" } : { is: "failed", code, message } });
    }
  }
  next();
}

/** Gives a file to the browser to keep: never to show. */
function keep(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), HELD);
}

const moves = ({ state }: Transfer) => state.is === "moving" || state.is === "waiting";

/** Whether nothing more will happen to it by itself. */
export function isOver({ state }: Transfer): boolean {
  return state.is === "done" || state.is === "failed";
}

/** Starts what waits for its turn. */
function next(): void {
  const free = AT_ONCE - transfers.value.filter(moves).length;
  const queued = transfers.value.filter(({ state }) => state.is === "queued");
  for (const transfer of queued.slice(0, Math.max(free, 0))) {
    const { id, file, path } = transfer;
    change(id, { state: { is: "moving", done: 0, size: file?.size ?? null } });
    const order = { id, address: addressOf(transfer), headers: credentials() };
    work(file === null ? { ...order, kind: "download", path } : { ...order, kind: "upload", file });
  }
}

function add(transfer: Omit<Transfer, "id" | "overwrite" | "state">): void {
  last += 1;
  const one: Transfer = { ...transfer, id: last, overwrite: false, state: { is: "queued" } };
  const over = transfers.value.filter(isOver);
  const spare = transfers.value.length + 1 - MAX_LISTED;
  const dropped = over.slice(0, Math.max(spare, 0));
  transfers.value = [...transfers.value.filter((other) => !dropped.includes(other)), one];
  next();
}

/** Uploads a file to the folder of a process, or as the answer to a question of a program. */
export function upload(
  session: string,
  process: number,
  file: File,
  ask: number | null = null,
): void {
  add({ session, process, path: file.name, file, told: ask });
}

/** Takes a file that a program offers. */
export function take(session: string, process: number, name: string, offer: number): void {
  add({ session, process, path: name, file: null, told: offer });
}

/** Downloads a file out of the folder of a process. */
export function download(session: string, process: number, path: string): void {
  add({ session, process, path, file: null, told: null });
}

/** Does it once more; an upload goes on where it was. */
export function again(id: number, overwrite = false): void {
  const one = transfers.value.find((transfer) => transfer.id === id);
  change(id, { overwrite: overwrite || one?.overwrite === true, state: { is: "queued" } });
  next();
}

/** Takes it off the list; what was still on its way is given up. */
export function drop(id: number): void {
  const one = transfers.value.find((transfer) => transfer.id === id);
  if (one === undefined) return;
  transfers.value = transfers.value.filter((other) => other !== one);
  if (one.state.is !== "done" && one.state.is !== "queued") {
    // What the server holds of an upload is in the way of nobody any more.
    const address = one.file === null ? "" : addressOf(one);
    work({ id, address, headers: credentials(), kind: "cancel" });
  }
  next();
}

/** Takes everything off the list to which nothing will happen any more. */
export function clear(): void {
  for (const { id } of transfers.value.filter(isOver)) drop(id);
}
