// Floods: every byte arrives, in order, and a key stops them.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Server } from "./server";
import { Visit } from "./visit";

/** Bytes of the flood. */
const LENGTH = 100 * 1024 * 1024;

/** Bytes after Ctrl-C that may still come: the windows, and what the kernel and sockets hold. */
const TAIL = 4 * 1024 * 1024;

/** What the child prints: lines with numbers, so that a gap or a repetition changes the hash. */
const PRINT = `i=0; stty raw -echo; awk 'BEGIN { for (i = 0; i < ${LENGTH} / 64; i++) printf "%062d\\r\\n", i }'; stty sane; echo`;

function expected(): string {
  const hash = createHash("sha256");
  const block: string[] = [];
  for (let i = 0; i < LENGTH / 64; i++) {
    block.push(`${String(i).padStart(62, "0")}\r\n`);
    if (block.length === 4096) hash.update(block.splice(0).join(""));
  }
  return hash.update(block.join("")).digest("hex");
}

/** Collects, beside the page, the bytes of output frames by their offset. */
function tap(): void {
  const state = { end: 0, gaps: 0, parts: [] as Uint8Array[] };
  Object.assign(window, { tapped: state });
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
        const view = new DataView(data);
        if (view.getUint8(0) !== 0x11) return;
        const offset = Number(view.getBigUint64(4, true));
        if (offset !== state.end) state.gaps += 1;
        state.end = offset + data.byteLength - 12;
        state.parts.push(new Uint8Array(data, 12));
      });
    }
  };
}

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth"] });
});
afterAll(() => server.stop());

test("100 MiB arrive as they were sent, and the terminal takes them all", async () => {
  const visit = await Visit.to(server.open, { before: tap });
  await visit.live();
  await visit.line("echo be''gin");
  await visit.sees("begin");
  const before = await visit.stats();
  const started = performance.now();
  await visit.line(`${PRINT} end''ed`);
  await visit.page.waitForFunction(
    () => {
      const { awp } = window as never as { awp: { screenText(pane: number): string[] } };
      return awp.screenText(0).some((line) => line.includes("ended"));
    },
    undefined,
    { timeout: 110_000 },
  );
  const seconds = (performance.now() - started) / 1000;
  const hash = await visit.page.evaluate(async (length) => {
    const { tapped } = window as never as {
      tapped: { gaps: number; parts: Uint8Array<ArrayBuffer>[] };
    };
    const text = await new Blob(tapped.parts).arrayBuffer();
    const all = new Uint8Array(text);
    // The flood begins with the line of number 0 and is as long as it is.
    const first = "0".repeat(62);
    let start = 0;
    const matches = (at: number) =>
      [...first].every((digit, i) => all[at + i] === digit.charCodeAt(0));
    while (start < all.length && !matches(start)) start += 1;
    const digest = await crypto.subtle.digest("SHA-256", all.subarray(start, start + length));
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
    return { hash: hex.join(""), gaps: tapped.gaps };
  }, LENGTH);
  expect(hash).toEqual({ hash: expected(), gaps: 0 });
  const after = await visit.stats();
  expect(after.bytesIn - before.bytesIn).toBeGreaterThanOrEqual(LENGTH);
  await visit.until("everything is parsed", () => {
    const { awp } = window as never as { awp: { panes(): { offset: number }[] } };
    const { tapped } = window as never as { tapped: { end: number } };
    return awp.panes()[0]?.offset === tapped.end;
  });
  console.info(
    `flood: ${(LENGTH / 1048576 / seconds).toFixed(1)} MiB/s in ${seconds.toFixed(1)} s`,
  );
  await visit.end();
});

test("Ctrl-C stops a flood within a bounded number of bytes", async () => {
  const visit = await Visit.to(server.open);
  await visit.live();
  await visit.line("yes");
  await visit.until("a flood", () => {
    const { awp } = window as never as { awp: { stats(): { bytesIn: number } } };
    return awp.stats().bytesIn > 2 * 1024 * 1024;
  });
  const at = (await visit.stats()).bytesIn;
  const started = performance.now();
  await visit.page.keyboard.press("Control+C");
  await visit.sees("^C");
  const quiet = performance.now() - started;
  expect((await visit.stats()).bytesIn - at).toBeLessThan(TAIL);
  console.info(`Ctrl-C under yes: prompt after ${quiet.toFixed(0)} ms`);
  await visit.line("echo sti''ll here");
  await visit.sees("still here");
  await visit.end();
});
