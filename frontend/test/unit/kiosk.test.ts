// The kiosk's logic: when it starts its program again, when it is idle, what its keyboard types.

import { expect, test } from "vitest";
import { Idle } from "../../src/kiosk/idle";
import { ROWS, typed } from "../../src/kiosk/layout";
import { kioskOptions } from "../../src/kiosk/options";
import { LIVED, LONGEST, Restarts, SHORTEST } from "../../src/kiosk/restarts";
import { ManualClock } from "./clock";

test("the address says how the kiosk behaves, and nonsense says nothing", () => {
  expect(kioskOptions("?idle=5m&keyboard=off")).toEqual({ idle: 300_000, keyboard: "off" });
  expect(kioskOptions("?idle=2h&keyboard=on")).toEqual({ idle: 7_200_000, keyboard: "on" });
  expect(kioskOptions("?idle=1s").idle).toBe(5_000);
  expect(kioskOptions("?idle=999999h").idle).toBe(86_400_000);
  for (const query of ["", "?idle=", "?idle=5", "?idle=-5m", "?idle=0s", "?idle=5mm"]) {
    expect(kioskOptions(`${query}&keyboard=maybe`), query).toEqual({
      idle: null,
      keyboard: "auto",
    });
  }
});

test("a program that fails again and again is started less and less often", () => {
  const restarts = new Restarts();
  const delays = Array.from({ length: 7 }, () => restarts.next(0));
  expect(delays).toEqual([1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1_000));
  expect(delays.at(-1)).toBe(LONGEST);
  restarts.begin(100_000);
  expect(restarts.next(100_000 + LIVED - 1)).toBe(LONGEST);
  restarts.begin(200_000);
  expect(restarts.next(200_000 + LIVED)).toBe(SHORTEST);
});

test("idle is who has not been used for the whole time, and only after somebody was there", () => {
  const clock = new ManualClock();
  let idle = 0;
  const watch = new Idle(clock, 1_000, () => {
    idle += 1;
  });
  clock.pass(5_000);
  expect(idle).toBe(0);
  watch.used();
  clock.pass(600);
  watch.used();
  clock.pass(999);
  expect(idle).toBe(0);
  clock.pass(1);
  expect(idle).toBe(1);
  clock.pass(5_000);
  expect(idle).toBe(1);
  watch.used();
  watch.stop();
  clock.pass(5_000);
  expect(idle).toBe(1);
});

test("the keyboard has every character of ASCII, and Ctrl and Alt do what they do", () => {
  const none = { ctrl: false, alt: false, shift: false };
  const keys = ROWS.flat();
  const all = keys.flatMap((key) => [
    typed(key, none, false),
    typed(key, { ...none, shift: true }, false),
  ]);
  for (let code = 0x20; code < 0x7f; code++) {
    expect(all).toContain(String.fromCharCode(code));
  }
  const key = (plain: string) =>
    keys.find((key) => key.kind === "character" && key.plain === plain);
  const c = key("c") ?? expect.fail("no c");
  expect(typed(c, { ...none, ctrl: true }, false)).toBe("\x03");
  expect(typed(c, { ...none, alt: true }, false)).toBe("\x1bc");
  const up = keys.find((key) => key.kind === "named" && key.name === "up") ?? expect.fail("no up");
  expect(typed(up, none, false)).toBe("\x1b[A");
  expect(typed(up, none, true)).toBe("\x1bOA");
});
