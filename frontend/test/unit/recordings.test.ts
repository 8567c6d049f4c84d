// Recordings: what is read of a file, and what is shown of it when.

import { expect, test } from "vitest";
import { NotACast, readCast } from "../../src/recordings/cast";
import { Playback, type Screen } from "../../src/recordings/playback";
import type { Size } from "../../src/term/guess";
import { ManualClock } from "./clock";
import { random } from "./random";

const HEAD = '{"version":3,"term":{"cols":80,"rows":24},"timestamp":1700000000,"title":"orders"}';

function file(...lines: readonly string[]): string {
  return `${[HEAD, ...lines].join("\n")}\n`;
}

/** A screen that remembers; what is written is on it at once, or when it is said. */
class Seen implements Screen {
  text = "";
  readonly sizes: string[] = [];
  begun = 0;
  private waiting: (() => void) | null = null;

  private readonly slow: boolean;

  constructor(slow: boolean) {
    this.slow = slow;
  }

  begin(size: Size): void {
    this.begun += 1;
    this.text = "";
    this.resize(size);
  }

  resize({ cols, rows }: Size): void {
    this.sizes.push(`${cols}x${rows}@${this.text.length}`);
  }

  write(text: string): Promise<void> {
    this.text += text;
    if (!this.slow) return Promise.resolve();
    return new Promise((shown) => {
      this.waiting = shown;
    });
  }

  shown(): void {
    this.waiting?.();
    this.waiting = null;
  }
}

/** Lets everything that is ready happen. */
const settle = () => new Promise<void>((done) => setImmediate(done));

async function playing(text: string, slow = false) {
  const [screen, clock] = [new Seen(slow), new ManualClock()];
  const playback = new Playback(readCast(text), screen, clock);
  const pass = async (seconds: number) => {
    for (let left = seconds * 1000; left > 0; left -= 50) {
      clock.pass(Math.min(left, 50));
      await settle();
    }
  };
  await settle();
  return { screen, playback, pass };
}

test("both versions are read, and what is no event is passed over", () => {
  const lines = ['[0.5, "o", "a"]', "# awp block 1 2 3 4", "", '[0.25, "r", "91x31"]'];
  const three = readCast(file(...lines, '[1, "m", "here"]', '[0, "i", "typed"]', '[0, "x", "7"]'));
  expect(three).toMatchObject({ size: { cols: 80, rows: 24 }, title: "orders", begun: 1700000000 });
  expect(three.events).toEqual([
    { at: 0.5, kind: "output", text: "a" },
    { at: 0.75, kind: "resize", size: { cols: 91, rows: 31 } },
    { at: 1.75, kind: "mark", label: "here" },
    { at: 1.75, kind: "exit", status: "7" },
  ]);
  const two = readCast(
    '{"version":2,"width":10,"height":5}\n[1,"o","a"]\n[3,"o","b"]\n[2,"o","c"]\n',
  );
  expect(two.size).toEqual({ cols: 10, rows: 5 });
  expect(two.events.map(({ at }) => at)).toEqual([1, 3, 3]);
});

test("a line that is wrong is named, and one that breaks off is not missed", () => {
  const wrong = (text: string) => {
    try {
      readCast(text);
    } catch (error) {
      return error instanceof NotACast ? error.line : String(error);
    }
    return "read";
  };
  expect(wrong("")).toBe(1);
  expect(wrong("[]\n")).toBe(1);
  expect(wrong('{"version":4}\n')).toBe(1);
  expect(wrong('{"version":2}\n')).toBe(1);
  for (const line of ["no JSON", "{}", '["1","o","a"]', '[-1,"o","a"]', '[0,"o"]']) {
    expect(wrong(file('[0,"o","a"]', line, '[0,"o","b"]'))).toBe(3);
  }
  expect(readCast(`${HEAD}\n[0,"o","a"]\n[0.1,"o","cut`).events).toHaveLength(1);
  expect(readCast(file('[0,"r","0x0"]', '[0,"r","5000x9"]')).events).toEqual([
    { at: 0, kind: "resize", size: { cols: 1, rows: 1 } },
    { at: 0, kind: "resize", size: { cols: 1000, rows: 9 } },
  ]);
});

test("time passes as it did, pauses are shortened, and the end is the end", async () => {
  const text = file('[0,"o","a"]', '[1,"o","b"]', '[100,"o","c"]');
  const { screen, playback, pass } = await playing(text);
  expect(playback.duration.value).toBe(3);
  playback.play();
  await pass(0.9);
  expect(screen.text).toBe("a");
  await pass(0.2);
  expect(screen.text).toBe("ab");
  playback.pause();
  await pass(50);
  expect(screen.text).toBe("ab");
  playback.play();
  playback.speed.value = 2;
  await pass(1.1);
  expect(screen.text).toBe("abc");
  expect([playback.over.value, playback.playing.value]).toEqual([true, false]);
  playback.shorten(false);
  expect(playback.duration.value).toBe(101);
  playback.play();
  expect([screen.begun, playback.at.value]).toEqual([2, 0]);
  await pass(49);
  expect(screen.text).toBe("ab");
  playback.dispose();
});

test("wherever it is moved, the screen is what was written until then", async () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const below = random(seed);
    const lines: string[] = [];
    const times: number[] = [];
    let now = 0;
    for (let index = 0; index < 200; index += 1) {
      const pause = below(2000) / 1000;
      now += pause;
      times.push(now);
      lines.push(`[${pause},"o","${index},"]`);
    }
    const { screen, playback, pass } = await playing(file(...lines));
    for (let step = 0; step < 10; step += 1) {
      const to = below(400_000) / 1000 - 20;
      playback.seek(to);
      if (below(2) === 0) {
        playback.play();
        await pass(below(30) / 10);
        playback.pause();
      }
      await settle();
      const at = playback.at.value;
      const due = times.findIndex((time) => time > at + 1e-9);
      const shown = Array.from({ length: due < 0 ? times.length : due }, (_, index) => `${index},`);
      expect(screen.text).toBe(shown.join(""));
    }
    playback.dispose();
  }
});

test("sizes come between what was written before and after them", async () => {
  const text = file('[0,"o","abc"]', '[0,"r","91x31"]', '[0,"o","d"]', '[0,"r","20x5"]');
  const { screen } = await playing(text);
  expect(screen.sizes).toEqual(["80x24@0", "91x31@3", "20x5@4"]);
  expect(screen.text).toBe("abcd");
});

test("a screen that cannot follow holds the time up", async () => {
  const { screen, playback, pass } = await playing(file('[1,"o","a"]', '[1,"o","b"]'), true);
  playback.play();
  await pass(1.1);
  expect(screen.text).toBe("a");
  await pass(10);
  expect(screen.text).toBe("a");
  expect(playback.at.value).toBeLessThan(1.5);
  screen.shown();
  await settle();
  await pass(1);
  expect(screen.text).toBe("ab");
  // What is moved back does not wait for what was being shown.
  playback.seek(0);
  await settle();
  expect(screen.text).toBe("");
  playback.dispose();
});

test("marks lead from one to the next", async () => {
  const text = file('[1,"m","one"]', '[1.5,"o","a"]', '[1.5,"m","two"]', '[1.5,"o","b"]');
  const { playback } = await playing(text);
  expect(playback.marks.value.map(({ label }) => label)).toEqual(["one", "two"]);
  playback.toMark(1);
  expect(playback.at.value).toBe(1);
  playback.toMark(1);
  expect(playback.at.value).toBe(4);
  playback.toMark(1);
  expect(playback.at.value).toBe(4);
  playback.toMark(-1);
  expect(playback.at.value).toBe(1);
});
