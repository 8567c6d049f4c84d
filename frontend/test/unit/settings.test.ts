// What may be a setting, and what is made of what was kept.

import { afterEach, expect, test, vi } from "vitest";
import { read, written } from "../../src/settings/file";
import { allowed, keep, recall, type Settings, USUAL, VERSION } from "../../src/settings/kept";

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

test("a file of settings is read as it was written", () => {
  const mine: Settings = { ...USUAL, theme: "gruvbox", scrollback: 20_000, askLines: false };
  expect(read(written(mine))).toEqual(mine);
  expect(read('{"awp":"settings","version":1,"settings":{"bell":"flash"}}')).toEqual({
    ...USUAL,
    bell: "flash",
  });
});

test("a file that is none, of another version, or with a wrong value is refused whole", () => {
  for (const text of ["", "x", "null", "[]", "{}", '"awp"', '{"awp":"settings","version":1}']) {
    expect(read(text), text).toEqual({ why: "kind" });
  }
  const file = (settings: object, version = 1) =>
    JSON.stringify({ awp: "settings", version, settings });
  expect(read(file({}, 2))).toEqual({ why: "version", version: "2" });
  expect(read(file({ theme: "dark", fontSize: 99 }))).toEqual({ why: "value", name: "fontSize" });
  expect(read(file({ colour: "red" }))).toEqual({ why: "value", name: "colour" });
  expect(read(file({ constructor: "x" }))).toEqual({ why: "value", name: "constructor" });
  expect(read('{"awp":"settings","version":1,"settings":{"__proto__":{}}}')).toEqual({
    why: "value",
    name: "__proto__",
  });
});
