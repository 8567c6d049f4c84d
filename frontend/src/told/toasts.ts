// What programs tell whoever looks at the page: in a frame of the page's own, which no program can
// paint. A link is opened and a text is copied only by the person's own hand.

import type { Notice } from "../gen/Notice";
import { say } from "../strings";
import "../style/toasts.css";

/** Toasts at once: more would hide the terminal, and nobody reads them. */
const MOST = 4;

/** Milliseconds that something finished stays to be seen. */
const FINISHED = 3000;

/** Letters of a text for the clipboard that are shown of it. */
const PREVIEW = 200;

/** The kinds that are shown as toasts. */
export type Told = Extract<Notice, { kind: "notify" | "progress" | "open" | "clip" }>;

let stack: HTMLElement | null = null;
const progresses = new Map<number, HTMLElement>();

/** Shows what a process tells; `from` is what it is called. */
export function show(process: number, from: string, told: Told): void {
  if (told.kind === "progress") progress(process, from, told);
  else place(toast(from, told));
}

function toast(from: string, told: Exclude<Told, { kind: "progress" }>): HTMLElement {
  if (told.kind === "notify") {
    const box = frame(told.title ?? from);
    box.append(element("p", told.text), buttons(box));
    return box;
  }
  if (told.kind === "open") {
    const box = frame(say("told.open", { from }));
    const link = document.createElement("a");
    link.className = "button";
    link.textContent = say("told.openButton");
    const safe = address(told.url);
    if (safe === null) return box;
    link.href = safe;
    link.target = "_blank";
    link.rel = "noreferrer noopener";
    link.addEventListener("click", () => box.remove());
    box.append(element("p", told.url, "told-text"), buttons(box, link));
    return box;
  }
  const box = frame(say("told.clip", { from }));
  const { text } = told;
  const shown = text.length > PREVIEW ? `${text.slice(0, PREVIEW)}…` : text;
  const copy = element("button", say("told.clipButton"));
  copy.addEventListener("click", () => {
    const failed = () => copy.replaceWith(element("span", say("told.clipFailed")));
    navigator.clipboard?.writeText(text).then(() => box.remove(), failed) ?? failed();
  });
  box.append(element("p", shown, "told-text"), buttons(box, copy));
  return box;
}

function progress(process: number, from: string, told: Extract<Told, { kind: "progress" }>): void {
  const before = progresses.get(process);
  const box = frame(from);
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", told.text || from);
  if (told.value !== undefined) bar.value = told.value;
  box.append(element("p", told.text), bar, buttons(box));
  if (before?.isConnected) before.replaceWith(box);
  else place(box);
  progresses.set(process, box);
  if (told.value === 100) setTimeout(() => box.remove(), FINISHED);
}

/** A link that is safe to be clicked, whatever the server let through. */
function address(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  return ["http:", "https:", "mailto:"].includes(parsed.protocol) ? parsed.href : null;
}

/** Puts it where it is seen; the oldest goes when there are many. */
export function place(box: HTMLElement): void {
  if (!stack?.isConnected) {
    stack = document.createElement("div");
    stack.className = "toasts";
    stack.setAttribute("role", "log");
    stack.setAttribute("aria-label", say("told.label"));
    // Above what is at the lower edge of the page.
    (document.querySelector(".panes") ?? document.body).append(stack);
  }
  stack.append(box);
  // What has to be scrolled is scrolled by keyboard too.
  for (const text of box.querySelectorAll("p")) {
    if (text.scrollHeight > text.clientHeight) text.tabIndex = 0;
  }
  // A question waits for its answer.
  const others = [...stack.children].filter((one) => !(one as HTMLElement).dataset["ask"]);
  for (const one of others.slice(0, Math.max(others.length - MOST, 0))) one.remove();
}

/** The frame of something that is told. */
export function frame(title: string): HTMLElement {
  const box = document.createElement("section");
  box.className = "toast";
  box.setAttribute("aria-label", title);
  box.append(element("h2", title));
  return box;
}

/** A row of buttons; the last one takes the frame away. */
export function buttons(box: HTMLElement, ...others: HTMLElement[]): HTMLElement {
  const row = document.createElement("div");
  row.className = "told-buttons";
  const dismiss = element("button", say("told.dismiss"));
  dismiss.addEventListener("click", () => box.remove());
  row.append(...others, dismiss);
  return row;
}

/** An element with a text. */
export function element(tag: "p" | "h2" | "button" | "span", text: string, name = ""): HTMLElement {
  const made = document.createElement(tag);
  if (made instanceof HTMLButtonElement) made.type = "button";
  made.textContent = text;
  if (name !== "") made.className = name;
  return made;
}
