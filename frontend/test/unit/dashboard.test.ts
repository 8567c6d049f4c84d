// The overview's logic: which sessions are shown, how old they are, what waits to be ended.

import { expect, test } from "vitest";
import type { Answer } from "../../src/asker";
import { age } from "../../src/dashboard/age";
import { colourOf, decodeDigest, inkOf } from "../../src/dashboard/digest";
import { Endings, MAX_WAITING, UNDO_TIME, type Waiting } from "../../src/dashboard/ending";
import { matches, order } from "../../src/dashboard/filter";
import { PERIOD, SessionList } from "../../src/dashboard/list";
import { exitOf, type Listed, nameOf } from "../../src/dashboard/session";
import { target } from "../../src/ui/dashboard/keyboard";
import { ManualClock } from "./clock";

function session(more: Partial<Listed>): Listed {
  const process = { process: 1, title: "bash", mode: "pty", state: "running", exit: null } as const;
  return {
    id: "s-0123456789",
    name: null,
    app: "default",
    mode: "pty",
    state: "running",
    created: 100,
    size: { cols: 80, rows: 24 },
    viewers: 0,
    processes: [process],
    ...more,
  };
}

function ended(...exits: Listed["processes"][number]["exit"][]): Listed {
  const processes = exits.map((exit, index) => {
    return { process: index + 1, title: "x", mode: "pty" as const, state: "ended" as const, exit };
  });
  return session({ state: "ended", processes });
}

test("a session is called what somebody, its program or its id calls it", () => {
  expect(nameOf(session({ name: "work" }))).toBe("work");
  expect(nameOf(session({}))).toBe("bash");
  expect(nameOf(session({ processes: [] }))).toBe("s-0123456789");
});

test("a session ended as its last program that failed", () => {
  expect(exitOf(session({}))).toBe(null);
  expect(exitOf(ended({ code: 3 }, { code: 0 }))).toEqual({ code: 3 });
  expect(exitOf(ended({ code: 3 }, { signal: "KILL" }))).toEqual({ signal: "KILL" });
  expect(exitOf(ended({ code: 0 }))).toEqual({ code: 0 });
  expect(exitOf(ended())).toBe(null);
});

test("every word has to be found, in whatever spelling", () => {
  const one = session({ name: "Café-Build", app: "cargo" });
  for (const query of ["", "  ", "cafe", "CAFÉ", "build cargo", "bash", "s-0123", "b c"]) {
    expect(matches(one, query), query).toBe(true);
  }
  for (const query of ["tea", "build tea", "cafébash"]) {
    expect(matches(one, query), query).toBe(false);
  }
});

test("what lives comes first, then what is new, and the order is always the same", () => {
  const all = [
    session({ id: "s-old", created: 1 }),
    session({ id: "s-over", created: 9, state: "ended" }),
    session({ id: "s-b", created: 5 }),
    session({ id: "s-ending", created: 4, state: "ending" }),
    session({ id: "s-a", created: 5 }),
  ];
  const expected = ["s-a", "s-b", "s-ending", "s-old", "s-over"];
  expect(order(all).map(({ id }) => id)).toEqual(expected);
  expect(order([...all].reverse()).map(({ id }) => id)).toEqual(expected);
});

test("an age is said in its largest unit", () => {
  const said = [-5, 0, 9.9, 10, 59, 60, 119, 3599, 3600, 86_399, 86_400, 864_000];
  const short = ["now", "now", "now", "now", "now", "1m", "1m", "59m", "1h", "23h", "1d", "10d"];
  expect(said.map((seconds) => age(seconds, "narrow"))).toEqual(short);
  expect(age(59, "long")).toBe("less than a minute ago");
  expect(age(60, "long")).toBe("1 minute ago");
  expect(age(7200, "long")).toBe("2 hours ago");
});

function endings() {
  const clock = new ManualClock();
  const happened: string[] = [];
  const told: string[][] = [];
  const ids = (waiting: readonly Waiting[]) => waiting.map(({ id }) => id);
  const all = new Endings(
    clock,
    ({ id }) => happened.push(id),
    (waiting) => told.push(ids(waiting)),
  );
  const begin = (id: string) => all.begin({ id, name: id, over: false });
  return { clock, happened, told, all, begin };
}

test("an end happens once its time is over, and not if it is taken back", () => {
  const { clock, happened, told, all, begin } = endings();
  begin("a");
  begin("b");
  begin("a");
  clock.pass(UNDO_TIME - 1);
  all.undo("a");
  expect(happened).toEqual([]);
  clock.pass(1);
  expect(happened).toEqual(["b"]);
  clock.pass(UNDO_TIME * 2);
  expect(happened).toEqual(["b"]);
  expect(told).toEqual([["a"], ["a", "b"], ["b"], []]);
});

test("no more ends wait than are shown, and none is lost when the page is left", () => {
  const { clock, happened, all, begin } = endings();
  for (let index = 0; index <= MAX_WAITING; index++) begin(`${index}`);
  expect(happened).toEqual(["0"]);
  all.finish();
  expect(happened).toEqual(Array.from({ length: MAX_WAITING + 1 }, (_, index) => `${index}`));
  clock.pass(UNDO_TIME);
  expect(happened.length).toBe(MAX_WAITING + 1);
});

function answer(status: number, sessions: Listed[] = []): Answer {
  const tag = status === 200 ? `"${sessions.length}"` : null;
  return { id: 1, status, body: JSON.stringify(sessions), bytes: null, tag };
}

test("the list is asked for while somebody looks, and keeps what does not change", async () => {
  const clock = new ManualClock();
  const asked: (string | null)[] = [];
  const first = session({ id: "s-a" });
  const answers = [
    answer(200, [first]),
    answer(304),
    answer(0),
    answer(200, [session({ id: "s-b", created: 200 }), session({ id: "s-a" })]),
    answer(401),
  ];
  const ask = async (tag: string | null) => {
    asked.push(tag);
    return answers.shift() ?? answer(500);
  };
  const list = new SessionList({ clock, seconds: () => clock.now() / 1000, ask });
  const step = async () => {
    clock.pass(PERIOD);
    await Promise.resolve();
    await Promise.resolve();
    return list.standing.value;
  };
  list.start();
  await Promise.resolve();
  await Promise.resolve();
  expect(list.standing.value).toBe("live");
  const card = list.session("s-a");
  const before = card?.value;
  expect(await step()).toBe("live");
  expect(await step()).toBe("gone");
  expect(list.shown.value).toEqual(["s-a"]);
  expect(await step()).toBe("live");
  expect(list.shown.value).toEqual(["s-b", "s-a"]);
  expect(list.session("s-a")).toBe(card);
  expect(card?.value).toBe(before);
  list.query.value = "s-b";
  expect(list.shown.value).toEqual(["s-b"]);
  expect(await step()).toBe("login");
  await step();
  expect(asked).toEqual([null, '"1"', '"1"', '"1"', '"2"']);
});

test("a list that nobody looks at is not asked for", async () => {
  const clock = new ManualClock();
  let asked = 0;
  const ask = async () => {
    asked += 1;
    return answer(304);
  };
  const list = new SessionList({ clock, seconds: () => 0, ask });
  list.start();
  list.pause();
  await Promise.resolve();
  await Promise.resolve();
  clock.pass(PERIOD * 10);
  expect(asked).toBe(1);
});

test("arrows lead to the card beside, above and below", () => {
  // Seven cards in rows of three.
  const to = (key: string, from: number) => target(key, from, 7, 3);
  expect(to("ArrowRight", 0)).toBe(1);
  expect(to("ArrowLeft", 0)).toBe(null);
  expect(to("ArrowDown", 1)).toBe(4);
  expect(to("ArrowDown", 3)).toBe(6);
  expect(to("ArrowDown", 5)).toBe(6);
  expect(to("ArrowDown", 6)).toBe(null);
  expect(to("ArrowUp", 2)).toBe(null);
  expect(to("Home", 5)).toBe(0);
  expect(to("End", 0)).toBe(6);
  expect(to("x", 0)).toBe(null);
});

test("a digest is read as the server writes it", () => {
  // The bytes of the server's own test (src/model/screen/digest.rs).
  const head = [1, 4, 2, 255, 255, 0, 0, 0];
  const bytes = new Uint8Array([...head, 0x41, 0x77, 0, 0, 0x1a, 0, 0, 0]);
  const digest = decodeDigest(bytes.buffer) ?? expect.fail("it is a digest");
  expect([digest.cols, digest.rows, digest.cursor]).toEqual([4, 2, null]);
  const blocks = Array.from(digest.blocks, (block) => [inkOf(block), colourOf(block)]);
  expect(blocks.slice(0, 5)).toEqual([
    [4, 1],
    [7, 7],
    [0, 0],
    [0, 0],
    [1, 10],
  ]);
  bytes[3] = 3;
  bytes[4] = 1;
  expect(decodeDigest(bytes.buffer)?.cursor).toEqual({ col: 3, row: 1 });
});

test("what is no digest is not drawn", () => {
  const read = (...bytes: number[]) => decodeDigest(new Uint8Array(bytes).buffer);
  expect(read()).toBe(null);
  expect(read(2, 1, 1, 255, 255, 0, 0, 0, 0)).toBe(null);
  expect(read(1, 0, 1, 255, 255, 0, 0, 0)).toBe(null);
  expect(read(1, 2, 1, 255, 255, 0, 0, 0, 0)).toBe(null);
  expect(read(1, 1, 1, 255, 255, 0, 0, 0, 0, 0)).toBe(null);
  expect(read(1, 1, 1, 9, 9, 0, 0, 0, 0)?.cursor).toBe(null);
});
