// What may be a setting, and what is made of what was kept.

import { afterEach, expect, test, vi } from "vitest";
import { allowed, keep, recall, USUAL, VERSION } from "../../src/settings/kept";

function storage(kept: Record<string, string>): Map<string, string> {
  const all = new Map(Object.entries(kept));
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => all.get(key) ?? null,
    setItem: (key: string, value: string) => all.set(key, value),
    removeItem: (key: string) => all.delete(key),
  });
  return all;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("what is usual is allowed, and what cannot be is not", () => {
  for (const [name, value] of Object.entries(USUAL)) {
    expect(allowed(name as keyof typeof USUAL, value), name).toBe(true);
  }
  const wrong: [keyof typeof USUAL, unknown][] = [
    ["theme", "pink"],
    ["theme", 0],
    ["fontSize", 7],
    ["fontSize", "14"],
    ["fontSize", Number.NaN],
    ["lineHeight", 2.1],
    ["scrollback", -1],
    ["scrollback", 1e9],
    ["cursorBlink", 1],
    ["fontFamily", 'x"; color: red'],
    ["fontFamily", "x".repeat(101)],
    ["fontFamily", null],
    ["bell", ["off"]],
  ];
  for (const [name, value] of wrong) expect(allowed(name, value), `${name} ${value}`).toBe(false);
});

test("what was kept comes back, and what is damaged is as usual", () => {
  storage({});
  expect(recall()).toEqual(USUAL);
  keep({ ...USUAL, theme: "nord", fontSize: 20 });
  expect(recall()).toEqual({ ...USUAL, theme: "nord", fontSize: 20 });
  for (const damaged of ["", "{", "null", "[]", "3", '{"version":99,"fontSize":20}']) {
    storage({ "awp.settings": damaged });
    expect(recall(), damaged).toEqual(USUAL);
  }
  const mixed = { version: VERSION, fontSize: 1000, theme: "light", other: 3, __proto__: {} };
  storage({ "awp.settings": JSON.stringify(mixed) });
  expect(recall()).toEqual({ ...USUAL, theme: "light" });
});

test("the size of letters that was kept alone before is taken over once", () => {
  const all = storage({ "awp.touch.font": "19" });
  expect(recall().fontSize).toBe(19);
  keep({ ...recall(), theme: "dark" });
  expect(all.has("awp.touch.font")).toBe(false);
  expect(recall()).toEqual({ ...USUAL, fontSize: 19, theme: "dark" });
  storage({ "awp.touch.font": "999" });
  expect(recall()).toEqual(USUAL);
});

test("without storage there are the usual ones", () => {
  expect(recall()).toEqual(USUAL);
  expect(() => keep(USUAL)).not.toThrow();
});
