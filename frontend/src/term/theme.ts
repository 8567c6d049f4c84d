// The terminal's colours, dark and light. Every colour of text has a contrast of 4.5 or more on its
// background; bright black is for what is meant to stand back and has 3.

import { effect, signal } from "@preact/signals";
import type { ITheme } from "@xterm/xterm";
import type { Colors } from "../gen/Colors";
import { settings } from "../settings/settings";

export const DARK: ITheme = {
  background: "#12161c",
  foreground: "#d8dee7",
  cursor: "#8fd0b0",
  cursorAccent: "#12161c",
  selectionBackground: "#34506b",
  black: "#1d232b",
  red: "#f0868c",
  green: "#8ecf9b",
  yellow: "#e5c07b",
  blue: "#82b4f5",
  magenta: "#cf9df0",
  cyan: "#74cbd2",
  white: "#c9d1db",
  brightBlack: "#76828f",
  brightRed: "#ffa3a8",
  brightGreen: "#aae6b5",
  brightYellow: "#f5d89a",
  brightBlue: "#a5ccff",
  brightMagenta: "#e2bbff",
  brightCyan: "#98e3e9",
  brightWhite: "#f4f7fa",
};

export const LIGHT: ITheme = {
  background: "#fbfbf9",
  foreground: "#262c33",
  cursor: "#1c7350",
  cursorAccent: "#fbfbf9",
  selectionBackground: "#bcd6f0",
  black: "#262c33",
  red: "#b3272f",
  green: "#1f7038",
  yellow: "#805a00",
  blue: "#1f5fb8",
  magenta: "#8636b0",
  cyan: "#0d6d77",
  white: "#5c6670",
  brightBlack: "#6e7882",
  brightRed: "#c4313a",
  brightGreen: "#237b3f",
  brightYellow: "#8a6200",
  brightBlue: "#2a6bc7",
  brightMagenta: "#9340bf",
  brightCyan: "#0f7681",
  brightWhite: "#3a424b",
};

const darkness = matchMedia("(prefers-color-scheme: dark)");
const dark = signal(darkness.matches);
darkness.addEventListener("change", () => {
  dark.value = darkness.matches;
});

/** The colours that the person has chosen, or that their system asks for. */
export const theme = signal<ITheme>(dark.value ? DARK : LIGHT);

/** What text is drawn in where a program names no colour. */
export function colors(): Colors {
  const { foreground = "#ffffff", background = "#000000" } = theme.value;
  return { foreground, background };
}

effect(() => {
  const { theme: name } = settings.value;
  if (name === "system") wear(dark.value ? DARK : LIGHT, "");
  else if (name === "dark") wear(DARK, name);
  else if (name === "light") wear(LIGHT, name);
  else {
    void import("./palettes").then(({ PALETTES }) => {
      if (settings.value.theme !== name) return;
      const palette = PALETTES[name];
      wear(palette.theme, palette.dark ? "dark" : "light");
    });
  }
});

/** The page around the terminals goes with them. */
function wear(next: ITheme, scheme: "dark" | "light" | ""): void {
  theme.value = next;
  const { dataset, style } = document.documentElement;
  dataset["scheme"] = scheme;
  style.setProperty("--screen", next.background ?? "");
}
