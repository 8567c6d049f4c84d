// Files in the hand: over a pane they are uploaded to its process, elsewhere nothing happens. Without
// this a browser would leave the page to show what fell on it.

import { signal } from "@preact/signals";
import { say } from "../../strings";
import { remark } from "../model";
import { uploadFiles } from "./open";

/** The process over which files are held. */
export const over = signal<number | null>(null);

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;

function paneUnder(event: DragEvent): number | null {
  const pane = (event.target as Element | null)?.closest<HTMLElement>("[data-pane]");
  return pane ? Number(pane.dataset["pane"]) : null;
}

/** What fell: its files, and whether there was a folder among them. */
function filesOf({ items }: DataTransfer): { files: File[]; folders: boolean } {
  const all = [...items].filter(({ kind }) => kind === "file");
  const plain = all.filter((item) => item.webkitGetAsEntry()?.isDirectory !== true);
  const files = plain.flatMap((item) => item.getAsFile() ?? []);
  return { files, folders: plain.length < all.length };
}

/** Takes what falls on the page; `panes` says whether panes take files. Returns how to stop. */
export function catchFiles(panes: boolean): () => void {
  const stop = new AbortController();
  const { signal: until } = stop;
  const held = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    over.value = panes && document.querySelector("dialog[open]") === null ? paneUnder(event) : null;
    if (event.dataTransfer !== null) {
      event.dataTransfer.dropEffect = over.value === null ? "none" : "copy";
    }
  };
  const left = (event: DragEvent) => {
    if (event.relatedTarget === null) over.value = null;
  };
  const fallen = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    const { value: process } = over;
    over.value = null;
    if (process === null || event.dataTransfer === null) return;
    const { files, folders } = filesOf(event.dataTransfer);
    if (folders) remark.value = say("files.folders");
    void uploadFiles(process, files);
  };
  for (const name of ["dragenter", "dragover"] as const) {
    addEventListener(name, held, { signal: until });
  }
  addEventListener("dragleave", left, { signal: until });
  addEventListener("drop", fallen, { signal: until });
  return () => stop.abort();
}
