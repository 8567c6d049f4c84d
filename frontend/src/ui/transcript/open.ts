// The way to the text of a terminal: the part of the page that shows it is loaded when it is asked
// for.

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { Page } from "../../page";
import { focused } from "../model";

/** The process whose terminal is read, while it is. */
export const reading = signal<number | null>(null);

/** The part of the page that shows it, once it was needed. */
export const transcriptPart = signal<{ Transcript: ComponentType<{ page: Page }> } | null>(null);

/** Shows the text of a terminal, to be read line by line. */
export async function openTranscript(process = focused.value): Promise<void> {
  transcriptPart.value ??= await import("./transcript");
  reading.value = process;
}
