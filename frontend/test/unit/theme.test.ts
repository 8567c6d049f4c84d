// Every palette can be read: contrasts as the guidelines for the web reckon them.

import type { ITheme } from "@xterm/xterm";
import { expect, test, vi } from "vitest";
import { PALETTES } from "../../src/term/palettes";

vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {} }));
vi.stubGlobal("addEventListener", () => {});
vi.stubGlobal("document", { documentElement: { dataset: {}, style: { setProperty: () => {} } } });
const { DARK, LIGHT } = await import("../../src/term/theme");

const ALL: readonly [name: string, theme: ITheme, dark: boolean][] = [
  ["dark", DARK, true],
  ["light", LIGHT, false],
  ...Object.entries(PALETTES).map(([name, { theme, dark }]) => [name, theme, dark] as const),
].map(([name, theme, dark]) => [name, theme, dark] as [string, ITheme, boolean]);

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
const BRIGHT = COLOURS.map((name) => `bright${name[0]?.toUpperCase()}${name.slice(1)}`);

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

test("the reckoning is that of the guidelines", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.478, 3);
});

for (const [name, theme, dark] of ALL) {
  test(`${name} can be read`, () => {
    const { background = "", foreground = "", selectionBackground = "", cursor = "" } = theme;
    const least = name === "contrast" ? 7 : 4.5;
    expect(luminance(background) < 0.18, "it is what it is called").toBe(dark);
    expect(contrast(foreground, background), "text").toBeGreaterThanOrEqual(least);
    expect(contrast(foreground, selectionBackground), "selected").toBeGreaterThanOrEqual(4.5);
    expect(contrast(cursor, background), "cursor").toBeGreaterThanOrEqual(3);
    for (const colour of [...COLOURS, ...BRIGHT]) {
      const value = (theme as Record<string, string>)[colour] ?? "";
      expect(value, colour).toMatch(/^#[0-9a-f]{6}$/);
      // On dark ground black is for what is behind text.
      if (dark && colour === "black") continue;
      // Bright black is for what is meant to stand back.
      const wanted = colour === "brightBlack" && name !== "contrast" ? 3 : least;
      expect(contrast(value, background), colour).toBeGreaterThanOrEqual(wanted);
    }
  });
}
