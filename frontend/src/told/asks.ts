// What programs ask of the person: a secret, yes or no, a file. It is asked in the page's own frame,
// which no program can paint, and answered by the person's own hand.

import { bytesInWords } from "../files/amount";
import type { Notice } from "../gen/Notice";
import { answerAsk } from "../session-api";
import { takeFile, uploadFiles } from "../ui/files/open";
import { say } from "./ask-strings";
import { buttons, element, frame, place } from "./toasts";

/** The kinds of notices that are about it. */
export type Asked = Extract<
  Notice,
  { kind: "offer" | "upload" | "secret" | "confirm" | "answered" }
>;

/** Whose question it is. */
export interface Asker {
  readonly session: string;
  readonly process: number;
  /** What the process is called. */
  readonly from: string;
  /** The person works with it just now. */
  readonly front: boolean;
  /** Gives the keyboard back to it. */
  go(): void;
}

/** The questions that wait, by session and number. */
const waiting = new Map<string, HTMLElement>();

/** Takes in what a program asks, or that it no longer does. */
export function asked(asker: Asker, news: Asked): void {
  if (news.kind === "offer") {
    offer(asker, news);
    return;
  }
  const key = `${asker.session}/${news.ask}`;
  const old = waiting.get(key);
  if (news.kind === "answered") {
    if (old !== undefined) close(asker, old);
    waiting.delete(key);
    return;
  }
  // Told again after a connection was lost.
  if (old?.isConnected) return;
  const box = boxOf(asker, news);
  box.dataset["ask"] = key;
  waiting.set(key, box);
  place(box);
  // Whoever has just typed the command that asks goes on typing into its question.
  if (asker.front) box.querySelector<HTMLElement>("input, button")?.focus();
}

function boxOf(asker: Asker, news: Exclude<Asked, { kind: "offer" | "answered" }>): HTMLElement {
  switch (news.kind) {
    case "secret":
      return secret(asker, news);
    case "confirm":
      return confirm(asker, news);
    default:
      return upload(asker, news);
  }
}

function close({ go }: Asker, box: HTMLElement): void {
  const had = box.contains(document.activeElement);
  box.remove();
  if (had) go();
}

async function answer(
  asker: Asker,
  box: HTMLElement,
  ask: number,
  body: { action: "accept" | "decline"; text?: string },
): Promise<void> {
  if (await answerAsk(asker.session, ask, body)) close(asker, box);
  else box.append(element("p", say("asks.failed")));
}

function button(label: Parameters<typeof say>[0], act: () => void): HTMLElement {
  const made = element("button", say(label));
  made.addEventListener("click", act);
  return made;
}

function row(...parts: HTMLElement[]): HTMLElement {
  const made = document.createElement("div");
  made.className = "told-buttons";
  made.append(...parts);
  return made;
}

function secret(asker: Asker, news: Extract<Asked, { kind: "secret" }>): HTMLElement {
  const { ask, text, shown = false } = news;
  const { from } = asker;
  const box = frame(say(shown ? "asks.shown" : "asks.secret", { from }));
  const form = document.createElement("form");
  const label = document.createElement("label");
  const typed = document.createElement("input");
  typed.type = shown ? "text" : "password";
  typed.autocomplete = "off";
  typed.autocapitalize = "off";
  typed.spellcheck = false;
  label.append(element("p", text), typed);
  form.append(label);
  if (!shown) form.append(peek(typed));
  const send = element("button", say("asks.send"));
  if (send instanceof HTMLButtonElement) send.type = "submit";
  const refuse = button("asks.refuse", () => void answer(asker, box, ask, { action: "decline" }));
  form.append(row(refuse, send));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = typed;
    typed.value = "";
    void answer(asker, box, ask, { action: "accept", text: value });
  });
  box.append(form);
  return box;
}

/** A way to see what is typed. */
function peek(typed: HTMLInputElement): HTMLElement {
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.addEventListener("change", () => {
    typed.type = box.checked ? "text" : "password";
  });
  label.className = "told-check";
  label.append(box, say("asks.show"));
  return label;
}

function confirm(asker: Asker, news: Extract<Asked, { kind: "confirm" }>): HTMLElement {
  const box = frame(say("asks.confirm", { from: asker.from }));
  const says = (action: "accept" | "decline") => () =>
    void answer(asker, box, news.ask, { action });
  box.append(
    element("p", news.text),
    row(button("asks.no", says("decline")), button("asks.yes", says("accept"))),
  );
  return box;
}

function upload(asker: Asker, news: Extract<Asked, { kind: "upload" }>): HTMLElement {
  const { ask, text, accept = "", path } = news;
  const box = frame(say("asks.upload", { from: asker.from }));
  if (text !== "") box.append(element("p", text));
  if (path !== undefined) box.append(element("p", say("asks.place", { path })));
  const choose = button("asks.choose", () => {
    const files = document.createElement("input");
    files.type = "file";
    files.accept = accept;
    files.addEventListener("change", () => {
      const [file] = files.files ?? [];
      if (file !== undefined) void uploadFiles(asker.process, [file], ask);
    });
    files.click();
  });
  const refuse = button("asks.refuse", () => void answer(asker, box, ask, { action: "decline" }));
  box.append(row(refuse, choose));
  return box;
}

function offer(asker: Asker, news: Extract<Asked, { kind: "offer" }>): void {
  const { offer: number, name, size } = news;
  const box = frame(say("asks.offer", { from: asker.from }));
  const save = button("asks.save", () => {
    void takeFile(asker.process, name, number);
    box.remove();
  });
  const words = say("asks.size", { name, size: bytesInWords(size) });
  box.append(element("p", words, "told-text"), buttons(box, save));
  place(box);
}
