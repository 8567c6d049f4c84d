// The marks of a shell: what a sequence says, and the commands that come of them.

import { expect, test } from "vitest";
import { type Command, CommandList, MAX_COMMANDS } from "../../src/marks/commands";
import { hintOf, type Mark } from "../../src/marks/sequence";
import { random as seeded } from "./random";

interface Spot {
  row: number;
  dropped: boolean;
}

/** A list over a terminal that is nothing but a row number. */
function shell() {
  const kept: Spot[] = [];
  const cursor = { row: 0, typed: "", none: false };
  const list = new CommandList<Spot>({
    here: () => {
      if (cursor.none) return null;
      const spot = { row: cursor.row, dropped: false };
      kept.push(spot);
      return spot;
    },
    textFrom: () => cursor.typed,
    drop: (spot) => {
      expect(spot.dropped, "dropped once").toBe(false);
      spot.dropped = true;
    },
  });
  return {
    list,
    cursor,
    held: () => kept.filter(({ dropped }) => !dropped).length,
    /** Takes letters in, one row each; `D` may have a status. */
    take(marks: string, now: number | null = null): Command<Spot>[] {
      return marks.split(" ").flatMap((text) => {
        cursor.row += 1;
        const hint = hintOf(133, text);
        if (hint?.kind !== "mark") throw new Error(text);
        return list.take(hint.mark, now) ?? [];
      });
    },
  };
}

test("a command has its places, its text, its status and its time", () => {
  const { list, take, cursor, held } = shell();
  cursor.typed = "make";
  take("A B", 1000);
  expect(list.all.map(({ state }) => state)).toEqual(["prompt"]);
  take("C", 2000);
  expect(list.all[0]).toMatchObject({ state: "running", text: "make", duration: null });
  const ended = take("D;2", 4500);
  expect(ended).toEqual([list.all[0]]);
  expect(list.all[0]).toMatchObject({
    state: "done",
    status: 2,
    duration: 2500,
    prompt: { row: 1 },
    output: { row: 3 },
    end: { row: 4 },
  });
  // Where the typing began is of no use any more.
  expect(held()).toBe(3);
});

test("what is not told is not there", () => {
  const { list, take } = shell();
  // After a snapshot the middle of a command comes first.
  expect(take("C D;0 D;1 B C")).toEqual([]);
  expect(list.all).toEqual([]);
  // A prompt at which nothing was run leaves nothing; one that is drawn anew is one.
  take("A B D;130 A B A B");
  expect(list.all).toHaveLength(1);
  // A command whose end was not told is over at the next prompt, and nobody knows how.
  expect(take("C A")).toHaveLength(1);
  expect(list.all.map(({ state, status }) => [state, status])).toEqual([
    ["done", null],
    ["prompt", null],
  ]);
  // Two that tell the same, such as a shell and its theme, are one.
  take("B B C C D;1 D;0");
  expect(list.all.map(({ status }) => status)).toEqual([null, 1]);
});

test("a time of which one end was not seen is not told", () => {
  const { list, take } = shell();
  take("A B C");
  take("D;0", 5000);
  take("A B C", 6000);
  take("D;0");
  take("A B C", 7000);
  list.interrupted();
  take("D;0", 8000);
  take("A B C", 9000);
  take("D;0", 8999);
  expect(list.all.map(({ duration }) => duration)).toEqual([null, null, null, 0]);
});

test("where no place can be kept there is no command", () => {
  const { list, take, cursor } = shell();
  cursor.none = true;
  take("A B C D;0");
  expect(list.all).toEqual([]);
});

test("any order of marks keeps the list short, its rest done, and loses no place", () => {
  const random = seeded(7);
  const { list, take, held } = shell();
  const letters = ["A", "B", "C", "D;0", "D", "D;1", "A B C D;0"];
  for (let step = 0; step < 20_000; step += 1) {
    take(letters[random(letters.length)] ?? "A", random(2) === 0 ? step : null);
    expect(list.all.length).toBeLessThanOrEqual(MAX_COMMANDS);
  }
  expect(list.all.slice(0, -1).every(({ state }) => state === "done")).toBe(true);
  expect(held()).toBeLessThanOrEqual(3 * MAX_COMMANDS);
  list.clear();
  expect(held()).toBe(0);
});

test("marks of both families are read", () => {
  const mark = (code: number, data: string): Mark | null => {
    const hint = hintOf(code, data);
    return hint?.kind === "mark" ? hint.mark : null;
  };
  expect(mark(133, "A;cl=m;aid=77")).toEqual({ kind: "prompt" });
  expect(mark(133, "A;k=s")).toBeNull();
  expect(mark(133, "D")).toEqual({ kind: "done", status: null });
  expect(mark(133, "D;0;aid=77")).toEqual({ kind: "done", status: 0 });
  expect(mark(633, "D;-1073741510")).toEqual({ kind: "done", status: -1073741510 });
  expect(mark(633, "E;echo a\\x3b \\\\n;nonce")).toEqual({ kind: "text", text: "echo a; \\n" });
  expect(mark(133, "E;no")).toBeNull();
});

test("damaged and hostile sequences say nothing", () => {
  for (const data of ["", ";", "Z", "constructor", "__proto__", "A".repeat(5000), "AB", "P;Cwd"]) {
    for (const code of [7, 133, 633]) expect(hintOf(code, data), data).toBeNull();
  }
  expect(hintOf(1337, "A")).toBeNull();
  for (const status of ["9".repeat(40), "1e9", " 1", "0x1", "NaN", "-", "4294967296"]) {
    const done = { kind: "mark", mark: { kind: "done", status: null } };
    expect(hintOf(133, `D;${status}`), status).toEqual(done);
  }
  const text = hintOf(633, "E;a\\x1b]0;b\u202ec\\x0a<b>");
  expect(text).toEqual({ kind: "mark", mark: { kind: "text", text: "a]0" } });
  const long = hintOf(633, `E;${"x".repeat(4000)}`);
  expect(long).toEqual({ kind: "mark", mark: { kind: "text", text: "x".repeat(256) } });
});

test("a folder is taken of this host alone", () => {
  const folder = (code: number, data: string) => {
    const hint = hintOf(code, data);
    return hint?.kind === "folder" ? hint.path : null;
  };
  expect(folder(7, "file:///home/ada/a%20b")).toBe("/home/ada/a b");
  expect(folder(7, "file://localhost/tmp")).toBe("/tmp");
  expect(folder(633, "P;Cwd=/tmp/a\\x3bb=c")).toBe("/tmp/a;b=c");
  for (const data of [
    "file://elsewhere.example/tmp",
    "http:///tmp",
    "/tmp",
    "file:///%zz",
    "file:///a%0ab",
    "file:///%e2%80%ae",
    "kitty-shell-cwd:///tmp",
  ]) {
    expect(folder(7, data), data).toBeNull();
  }
  expect(folder(633, "P;Cwd=relative")).toBeNull();
});

test("how far something is, and what it says", () => {
  const progress = (data: string) => {
    const hint = hintOf(9, data);
    return hint?.kind === "progress" ? hint.progress : undefined;
  };
  expect(progress("4;0")).toBeNull();
  expect(progress("4;1;40")).toEqual({ state: "normal", value: 40 });
  expect(progress("4;1;900")).toEqual({ state: "normal", value: 100 });
  expect(progress("4;1")).toEqual({ state: "normal", value: 0 });
  expect(progress("4;2;7")).toEqual({ state: "error", value: 7 });
  expect(progress("4;3")).toEqual({ state: "normal", value: null });
  expect(progress("4;4;50")).toEqual({ state: "paused", value: 50 });
  for (const data of ["4;", "4;5;1", "4;-1", "4;constructor"]) expect(hintOf(9, data)).toBeNull();
  expect(hintOf(9, "it is done\u0007")).toEqual({ kind: "notify", text: "it is done" });
  const told = { kind: "notify", title: "make", text: "a;b" };
  expect(hintOf(777, "notify;make;a;b")).toEqual(told);
  expect(hintOf(777, "precmd;x")).toBeNull();
  expect(hintOf(9, "")).toBeNull();
});
