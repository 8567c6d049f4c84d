// The one thing that lies over the session's page at a time. Each is a part of the page that is
// loaded when it is first asked for; until then there is only this.

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { Page } from "../page";
import type { Doubt } from "../paste/doubt";
import { say } from "../strings";
import { remark } from "./model";

type Part = ComponentType<{ page: Page }>;

/** What lies over the page now. */
export const overlay = signal<Part | null>(null);

/** What the palette offers: everything, or other sessions alone. */
export const offered = signal<"all" | "sessions">("all");

async function show(load: () => Promise<Part>): Promise<void> {
  try {
    overlay.value = await load();
  } catch {
    remark.value = say("overlay.missing");
  }
}

/** Shows the palette. */
export function openPalette(what: "all" | "sessions" = "all"): Promise<void> {
  offered.value = what;
  return show(async () => (await import("./palette/palette")).Palette);
}

/** Shows the links of the session. */
export function openShare(): Promise<void> {
  return show(async () => (await import("./share/share")).Share);
}

/** Shows the settings of this device. */
export function openSettings(): Promise<void> {
  return show(async () => (await import("./settings/settings")).SettingsDialog);
}

/** Asks before something is pasted. */
export function askPaste(doubt: Doubt): Promise<void> {
  return show(async () => (await import("./paste/paste-dialog")).pasteDialog(doubt));
}

/** Asks again who is there, before this is done. */
export function askProof(proven: () => void): Promise<void> {
  return show(async () => (await import("./prove/prove-dialog")).proofPart(proven));
}

/** Takes away what lies there, and gives the keyboard back to the pane that had it. */
export function closeOverlay(page: Page): void {
  overlay.value = null;
  page.desk.grab();
}
