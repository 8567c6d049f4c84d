// The conversation: hello, output and its acknowledgement, input, and the way back after a loss.

import { expect, test } from "vitest";
import { settled, TestWorld } from "./world";

const typed = (text: string) => Uint8Array.from(Buffer.from(text));

test("hello comes first, with everything that the server asks for", () => {
  const world = new TestWorld();
  world.connection.open();
  expect(world.sessions).toEqual([null]);
  world.line.open();
  expect(world.line.of("control")[0]?.json).toEqual({
    type: "hello",
    version: 1,
    client: "c",
    label: "test",
    notices: true,
    colors: { foreground: "#112233", background: "#ffeedd" },
    page_key: "key",
    size: { cols: 80, rows: 24 },
    from: [],
  });
});

test("output is acknowledged once it was consumed", () => {
  const world = new TestWorld();
  world.connection.open();
  world.welcome();
  world.output(0, 1, 2, 3);
  world.pass(100);
  expect(world.line.of("ack")).toEqual([]);
  world.consumeAll();
  world.pass(100);
  expect(world.line.of("ack")).toMatchObject([{ offset: 3, process: 1, channel: "tty" }]);
  expect(world.connection.offset({ process: 1, channel: "tty" })).toBe(3);
});

test("a lost connection goes on where it was, and input is neither lost nor repeated", async () => {
  const world = new TestWorld();
  world.connection.open();
  world.welcome();
  world.output(0, 1, 2, 3);
  world.connection.type(1, typed("abc"));
  world.line.break();
  await settled();
  expect(world.phase?.name).toBe("reconnecting");
  world.connection.type(1, typed("def"));
  world.pass(100);
  expect(world.sessions).toEqual([null, "s-0123456789"]);
  world.welcome(2);
  const hello = world.line.of("control")[0]?.json as { from: unknown };
  expect(hello.from).toEqual([{ process: 1, channel: "tty", offset: 3 }]);
  const input = world.line.of("input");
  expect(input[0]?.seq).toBe(2);
  expect(Buffer.concat(input.map(({ bytes }) => bytes)).toString()).toBe("cdef");
  world.output(2, 3, 4);
  expect(world.shown).toEqual([1, 2, 3, 4]);
  expect(world.connection.stats).toMatchObject({ reconnects: 1, bytesIn: 4 });
});

test("attempts are spaced out, and come at once when the network is back", async () => {
  const world = new TestWorld();
  world.connection.open();
  world.welcome();
  const waits: number[] = [];
  world.line.break();
  for (let attempt = 0; attempt < 6; attempt++) {
    await settled();
    const { phase } = world;
    if (phase?.name !== "reconnecting") throw new Error("not reconnecting");
    const before = world.lines.length;
    let waited = 0;
    while (world.lines.length === before) {
      world.pass(50);
      waited += 50;
    }
    waits.push(waited);
    world.line.break();
  }
  expect(waits).toEqual([100, 300, 1000, 2000, 5000, 5000]);
  await settled();
  const before = world.lines.length;
  world.connection.nudge();
  expect(world.lines.length).toBe(before + 1);
});

test.each([
  [1000, "ended"],
  [1008, "refused"],
  [4404, "unknown"],
  [4401, "login"],
  [4409, "reload"],
])("a close with %i is the end: %s", async (code, why) => {
  const world = new TestWorld();
  world.connection.open();
  world.welcome();
  world.line.break(code);
  await settled();
  expect(world.phase).toEqual({ name: "over", why });
  world.pass(60_000);
  expect(world.lines.length).toBe(1);
});

test("why a line could not be opened is asked", async () => {
  const world = new TestWorld("s-0123456789");
  world.verdict = "unknown";
  world.connection.open();
  world.line.break();
  await settled();
  expect(world.phase).toEqual({ name: "over", why: "unknown" });
});

test("a line on which nothing comes is given up within 8 s", async () => {
  const world = new TestWorld();
  world.connection.open();
  world.welcome();
  const { line } = world;
  line.say({ kind: "control", json: { type: "pong", id: 1 } });
  world.pass(7999);
  expect(line.closed).toBe(true);
  expect(world.phases.some(({ name }) => name === "reconnecting")).toBe(true);
});

test("a hole in the stream is never shown: the connection starts over", () => {
  const world = new TestWorld();
  world.connection.open();
  world.welcome();
  world.output(0, 1);
  world.output(5, 6);
  expect(world.shown).toEqual([1]);
  expect(world.phase?.name).toBe("reconnecting");
});

test("a snapshot replaces what was shown and says where the stream goes on", () => {
  const world = new TestWorld();
  world.connection.open();
  world.welcome();
  world.output(0, 1);
  const lane = { process: 1, channel: "tty" as const };
  const size = { cols: 80, rows: 24 };
  const bytes = Uint8Array.of(7);
  world.line.say({ kind: "snapshot", ...lane, ...size, offset: 99, skipped: 98, bytes });
  world.output(99, 8);
  expect(world.shown).toEqual([7, 8]);
  world.consumeAll();
  world.pass(100);
  expect(world.line.of("ack").at(-1)).toMatchObject({ offset: 100 });
});

test("each process is told its own size, again after a loss, and layouts only while connected", () => {
  const world = new TestWorld();
  const { connection } = world;
  connection.open();
  world.welcome();
  const said = () => world.line.of("control").map(({ json }) => json as { type: string });
  connection.resize(1, { cols: 80, rows: 24 });
  connection.resize(1, { cols: 40, rows: 24 });
  connection.resize(1, { cols: 40, rows: 24 });
  const resize = { type: "resize", process: 1, cols: 40, rows: 24 };
  expect(said().filter(({ type }) => type === "resize")).toEqual([resize]);
  connection.tell({ type: "layout", revision: 7, layout: { tabs: [{ pane: 1 }] } });
  expect(said().at(-1)).toEqual({ type: "layout", revision: 7, layout: { tabs: [{ pane: 1 }] } });
  connection.nudge();
  world.line.say({ kind: "control", json: { type: "pong", id: 1 } });
  connection.close();
  const before = world.line.sent.length;
  connection.tell({ type: "layout", revision: 8, layout: { tabs: [] } });
  expect(world.line.sent.length).toBe(before);
  connection.open();
  world.welcome();
  expect(said().filter(({ type }) => type === "resize")).toEqual([resize]);
});

test("a process that is started later takes input, and frames follow what was told of it", () => {
  const world = new TestWorld();
  const { connection } = world;
  connection.open();
  world.welcome();
  expect(connection.type(2, Uint8Array.from([97]))).toBe(false);
  const size = { cols: 80, rows: 24 };
  const process = { process: 2, mode: "pty", title: "sh", size, input: 0 };
  world.line.say({ kind: "control", json: { type: "process", process } });
  expect(connection.type(2, Uint8Array.from([97]))).toBe(true);
  expect(world.line.of("input").map((frame) => frame.process)).toEqual([2]);
});
