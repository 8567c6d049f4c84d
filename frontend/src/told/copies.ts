// A program's wish to copy: done when the person agrees, once or for the session, and never kept
// from them.

import { visible } from "../paste/text";
import { inDigits } from "../strings";
import { remark } from "../ui/model";
import { say } from "./copy-strings";
import { buttons, element, frame, place } from "./toasts";

/** Characters of base64: 256 KiB of text, which nobody reads, but a file may have. */
const MAX_SENT = 350_000;

/** Characters that are shown of it. */
const PREVIEW = 200;

/** Whose wish it is. */
export interface Asker {
  readonly session: string;
  readonly process: number;
  /** What the process is called. */
  readonly from: string;
}

type Consent = "always" | "never";

/** The last wish of each process that waits for an answer. */
const waiting = new Map<number, HTMLElement>();

/** What is to be copied next; one at a time, and what came between is past. */
let next: { asker: Asker; text: string } | null = null;
let copying = false;

const keyOf = ({ session }: Asker) => `awp.copy.${session}`;

/** What was agreed for the session in this tab. */
function consentOf(asker: Asker): Consent | null {
  try {
    const kept = sessionStorage.getItem(keyOf(asker));
    return kept === "always" || kept === "never" ? kept : null;
  } catch {
    return null;
  }
}

function agree(asker: Asker, consent: Consent): void {
  try {
    sessionStorage.setItem(keyOf(asker), consent);
  } catch {
    // Without storage it is asked again.
  }
}

/** The text that was sent; null for what is none. */
export function textOf(sent: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(sent), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Shows the wish, or does what was agreed. */
export function wantsCopy(asker: Asker, sent: string): void {
  const consent = consentOf(asker);
  if (consent === "never") return;
  if (sent.length > MAX_SENT) {
    remark.value = say("copy.large", { from: asker.from });
    return;
  }
  const text = textOf(sent);
  if (text === null || text === "") return;
  if (consent === "always") {
    next = { asker, text };
    if (!copying) void copyAll();
  } else ask(asker, text);
}

async function copyAll(): Promise<void> {
  copying = true;
  for (let now = next; now !== null; now = next) {
    next = null;
    // Some browsers let a page copy only right after a click: then the person gives one.
    if (!(await copy(now.asker, now.text))) ask(now.asker, now.text);
  }
  copying = false;
}

async function copy({ from }: Asker, text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    remark.value = say("copy.done", { from, count: inDigits(text.length) });
    return true;
  } catch {
    return false;
  }
}

function ask(asker: Asker, text: string): void {
  const { from, process } = asker;
  waiting.get(process)?.remove();
  const box = frame(say("copy.title", { from }));
  const shown = element("p", "", "told-text");
  const parts = visible(text.slice(0, PREVIEW)).map((part) => {
    if (!part.sign) return part.text;
    const sign = document.createElement("mark");
    sign.textContent = part.text;
    return sign;
  });
  shown.append(...parts);
  box.append(shown);
  if (text.length > PREVIEW) {
    shown.append("…");
    box.append(element("p", say("copy.rest", { count: inDigits(text.length) })));
  }
  const button = (label: "copy.once" | "copy.always" | "copy.never", act: () => void) => {
    const made = element("button", say(label));
    made.addEventListener("click", act);
    return made;
  };
  const take = async () => {
    if (await copy(asker, text)) box.remove();
    else shown.replaceWith(element("p", say("copy.failed")));
  };
  const once = button("copy.once", () => void take());
  const always = button("copy.always", () => {
    agree(asker, "always");
    void take();
  });
  const never = button("copy.never", () => {
    agree(asker, "never");
    box.remove();
  });
  box.append(buttons(box, once, always, never));
  waiting.set(process, box);
  place(box);
}
