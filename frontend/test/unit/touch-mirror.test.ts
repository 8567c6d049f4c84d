// What a keyboard writes and what the program is sent for it: whatever the keyboard does, the line
// of the program is the text of the surface.

import { describe, expect, test } from "vitest";
import { characters, edit } from "../../src/touch/diff";
import { Mirror, type Step } from "../../src/touch/mirror";

/** A program that edits a line, as shells do. */
class Line {
  before: string[] = [];
  after: string[] = [];

  take(steps: readonly Step[]): void {
    for (const step of steps) {
      if ("text" in step) this.before = characters(this.before.join("") + step.text);
      else for (let left = step.times; left > 0; left -= 1) this.key(step.key);
    }
  }

  get text(): string {
    return this.before.join("") + this.after.join("");
  }

  private key(key: "backspace" | "left" | "right"): void {
    const moved = key === "right" ? this.after.shift() : this.before.pop();
    if (moved === undefined) throw new Error(`nothing there for ${key}`);
    if (key === "left") this.after.unshift(moved);
    if (key === "right") this.before.push(moved);
  }
}

/** Numbers that look like chance and are the same in each run. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const ALPHABET = [
  "a",
  "b",
  " ",
  ".",
  "é",
  "e\u0301",
  "\u0301",
  "你",
  "한",
  "🙂",
  "👩\u200d👧",
  "❤\ufe0f",
];

function word(next: (below: number) => number, most: number): string {
  return Array.from({ length: next(most + 1) }, () => ALPHABET[next(ALPHABET.length)]).join("");
}

describe("the difference of two texts", () => {
  test.each([
    ["", "a", 0, "a"],
    ["helo", "hello", 1, "lo"],
    ["teh cat", "the cat", 6, "he cat"],
    ["done ", "done. ", 1, ". "],
    ["abc", "abc", 0, ""],
    ["e", "e\u0301", 1, "e\u0301"],
    ["👩\u200d👧", "👩", 2, "👩"],
    ["🙂", "🙃", 1, "🙃"],
  ])("%j to %j", (from, to, back, text) => {
    expect(edit(from, to)).toEqual({ back, text });
  });

  test("leads from any text to any other", () => {
    const next = chance(1);
    for (let round = 0; round < 3000; round += 1) {
      const [from, to] = [word(next, 8), word(next, 8)];
      const { back, text } = edit(from, to);
      const kept = characters(from);
      const left = kept.slice(0, kept.length - back).join("");
      expect(left + text, JSON.stringify([from, to])).toBe(to);
      expect(text === "" && back > characters(from).length).toBe(false);
    }
  });
});

describe("the mirror", () => {
  test("keeps the program's line equal to the surface through any changes", () => {
    const next = chance(2);
    for (let round = 0; round < 300; round += 1) {
      const [mirror, line] = [new Mirror(), new Line()];
      let value = "";
      for (let change = 0; change < 25; change += 1) {
        const whole = characters(value);
        const [one, other] = [next(whole.length + 1), next(whole.length + 1)];
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        if (next(4) === 0) {
          line.take(mirror.move(whole.slice(0, from).join("").length));
          expect(line.text).toBe(value);
          continue;
        }
        const put = word(next, 3);
        const head = whole.slice(0, from).join("") + put;
        value = head + whole.slice(to).join("");
        if (next(3) === 0) mirror.compose();
        line.take(mirror.change(value, head.length));
        line.take(mirror.finish(value, head.length));
        expect(line.text).toBe(value);
      }
    }
  });

  test("sends nothing of a composition until it is decided", () => {
    const mirror = new Mirror();
    mirror.compose();
    for (const part of ["n", "ni", "ni'hao"]) {
      expect(mirror.change(part, part.length)).toEqual([]);
      expect(mirror.pending(part)).toBe(part);
    }
    expect(mirror.finish("你好", 2)).toEqual([{ text: "你好" }]);
    expect(mirror.pending("你好")).toBe("");
  });

  test("learns that a keyboard composes plain words, and that it no longer does", () => {
    const mirror = new Mirror();
    mirror.compose();
    mirror.change("l", 1);
    mirror.change("ls", 2);
    expect(mirror.finish("ls ", 3)).toEqual([{ text: "ls " }]);
    mirror.compose();
    expect(mirror.change("ls h", 4)).toEqual([{ text: "h" }]);
    expect(mirror.change("ls ha", 5)).toEqual([{ text: "a" }]);
    // Candidates are held even so, and what was sent of them is taken back.
    expect(mirror.change("ls 哈", 4)).toEqual([]);
    expect(mirror.finish("ls 哈", 4)).toEqual([{ key: "backspace", times: 2 }, { text: "哈" }]);
    mirror.compose();
    expect(mirror.change("ls 哈h", 5)).toEqual([]);
  });

  test("forgets a line that has ended", () => {
    const mirror = new Mirror();
    mirror.change("make", 4);
    mirror.reset();
    expect(mirror.change("x", 1)).toEqual([{ text: "x" }]);
  });

  test("takes no notice of a caret that it has put there", () => {
    const mirror = new Mirror();
    mirror.change("teh", 3);
    expect(mirror.change("the cat", 3)).toEqual([
      { key: "backspace", times: 2 },
      { text: "he cat" },
    ]);
    expect(mirror.move(3)).toEqual([]);
    expect(mirror.move(5)).toEqual([{ key: "left", times: 2 }]);
  });
});
