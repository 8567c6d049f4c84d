// Acknowledgements: owed after an eighth of the window, never for what was not consumed.

import { expect, test } from "vitest";
import { WINDOW, Window } from "../../src/session/window";

test("an acknowledgement is owed after an eighth of the window", () => {
  const window = new Window();
  expect(window.receive(0, WINDOW)).toBe(0);
  expect(window.consume(WINDOW / 8 - 1)).toBeNull();
  expect(window.consume(WINDOW / 8)).toBe(WINDOW / 8);
  expect(window.consume(WINDOW / 8 + 1)).toBeNull();
  expect(window.flush()).toBe(WINDOW / 8 + 1);
  expect(window.flush()).toBeNull();
});

test("repetitions are told, and a hole is noticed", () => {
  const window = new Window();
  expect(window.receive(100, 10)).toBe(0);
  expect(window.receive(105, 10)).toBe(5);
  expect(window.receive(100, 5)).toBe(5);
  expect(window.position).toBe(115);
  expect(window.receive(116, 1)).toBeNull();
});

test("a stream may begin anywhere, and jump", () => {
  const window = new Window();
  window.receive(5000, 10);
  expect(window.consumed).toBe(5000);
  window.jump(9000);
  expect(window.position).toBe(9000);
  expect(window.consumed).toBe(5000);
  window.consume(9000);
  expect(window.receive(9000, 1)).toBe(0);
});
