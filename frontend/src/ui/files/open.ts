// The ways to the files of a process. The part of the page that does it is loaded when one of them is
// taken; until then there is only this.

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { Page } from "../../page";
import { say } from "../../strings";
import { focused, remark, role, session } from "../model";

interface Loaded {
  Files: ComponentType<{ page: Page }>;
  begin(session: string, process: number, files: readonly File[], ask?: number | null): void;
  take(session: string, process: number, name: string, offer: number): void;
  ask(session: string, process: number, path: string): void;
}

/** The part of the page that moves files, once it was needed. */
export const filesPart = signal<Loaded | null>(null);

async function load(): Promise<{ part: Loaded; id: string } | null> {
  const { value: id } = session;
  if (role.value === "watch") remark.value = say("files.watch");
  if (id === null || role.value === "watch") return null;
  filesPart.value ??= await import("./files");
  return { part: filesPart.value, id };
}

/** Uploads files to the folder that a process is in, or as the answer to a question. */
export async function uploadFiles(
  process: number,
  files: readonly File[],
  ask: number | null = null,
): Promise<void> {
  const loaded = files.length > 0 ? await load() : null;
  loaded?.part.begin(loaded.id, process, files, ask);
}

/** Takes a file that a program offers. */
export async function takeFile(process: number, name: string, offer: number): Promise<void> {
  const loaded = await load();
  loaded?.part.take(loaded.id, process, name, offer);
}

/** Lets the person choose files of the device, and uploads them. */
export function chooseFiles(process = focused.value): void {
  const box = document.createElement("input");
  box.type = "file";
  box.multiple = true;
  box.addEventListener("change", () => void uploadFiles(process, [...(box.files ?? [])]));
  box.click();
}

/** Asks which file of a process's folder to download, beginning with this one. */
export async function downloadPath(path = "", process = focused.value): Promise<void> {
  const loaded = await load();
  loaded?.part.ask(loaded.id, process, path);
}
