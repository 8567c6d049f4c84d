// The files that are on their way: a list at the lower edge, and the question which to download.

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { bytesInWords } from "../../files/amount";
import * as moving from "../../files/transfers";
import { isOver, type Transfer, transfers } from "../../files/transfers";
import type { Page } from "../../page";
import { say as sayOfPage } from "../../strings";
import { type FilesKey, say } from "./strings";

interface Question {
  session: string;
  process: number;
  path: string;
}

const question = signal<Question | null>(null);

/** Uploads files; if `ask` is given, as the answer to this question. */
export function begin(
  session: string,
  process: number,
  files: readonly File[],
  ask: number | null = null,
): void {
  for (const file of files) moving.upload(session, process, file, ask);
}

/** Takes a file that a program offers. */
export function take(session: string, process: number, name: string, offer: number): void {
  moving.take(session, process, name, offer);
}

/** Asks which file to download. */
export function ask(session: string, process: number, path: string): void {
  question.value = { session, process, path };
}

export function Files({ page }: { page: Page }) {
  const { value: all } = transfers;
  const { value: asked } = question;
  const spoken = all.filter((one) => one.state.is !== "moving" && one.state.is !== "queued").at(-1);
  return (
    <>
      {all.length > 0 && <List page={page} all={all} />}
      <p class="unseen" role="status">
        {spoken === undefined ? "" : `${spoken.path}: ${words(spoken)}`}
      </p>
      {asked !== null && <Which key={asked.path} page={page} asked={asked} />}
    </>
  );
}

function List({ page, all }: { page: Page; all: readonly Transfer[] }) {
  const close = (act: () => void) => () => {
    act();
    if (transfers.value.length === 0) page.desk.grab();
  };
  return (
    <section class="files" aria-label={say("files.title")}>
      <header>
        <h2>{say("files.title")}</h2>
        {all.some(isOver) && (
          <button type="button" class="small" onClick={close(moving.clear)}>
            {say("files.clear")}
          </button>
        )}
      </header>
      <ul>
        {[...all].reverse().map((one) => (
          <Row key={one.id} one={one} drop={close(() => moving.drop(one.id))} />
        ))}
      </ul>
    </section>
  );
}

function Row({ one, drop }: { one: Transfer; drop: () => void }) {
  const { state, id, path } = one;
  const name = path.split("/").at(-1) ?? path;
  const running = state.is === "moving" || state.is === "waiting";
  const known = running && state.size !== null && state.size > 0;
  return (
    <li class={state.is}>
      <span class="file-name" title={path}>
        <span aria-hidden="true">{one.file === null ? "↓ " : "↑ "}</span>
        {name}
      </span>
      <button
        type="button"
        class="small"
        aria-label={say(isOver(one) ? "files.close" : "files.cancel", { name })}
        onClick={drop}
      >
        <span aria-hidden="true">×</span>
      </button>
      {running && (
        <progress
          aria-label={say("files.progress", { name })}
          {...(known ? { value: state.done, max: state.size ?? 1 } : {})}
        />
      )}
      <span class="file-state">{words(one)}</span>
      {state.is === "asking" && (
        <button type="button" onClick={() => moving.again(id, true)}>
          {say("files.replace")}
        </button>
      )}
      {state.is === "failed" && (
        <button type="button" onClick={() => moving.again(id)}>
          {say("files.again")}
        </button>
      )}
    </li>
  );
}

/** What the server means, in words of the page. */
const CODES: Readonly<Record<string, FilesKey>> = {
  files_off: "files.off",
  not_found: "files.missing",
  not_allowed: "files.refused",
  too_large: "files.large",
  disk_full: "files.full",
  conflict: "files.gone",
  unreachable: "files.unreachable",
};

function words({ state, file }: Transfer): string {
  switch (state.is) {
    case "queued":
      return say("files.queued");
    case "moving":
      return amount(state.done, state.size);
    case "waiting":
      return say("files.waiting");
    case "asking":
      return say("files.exists");
    case "done":
      return file === null ? say("files.downloaded") : say("files.uploaded", { path: state.path });
    case "failed": {
      const known = CODES[state.code];
      return known === undefined ? say("files.failed", { why: state.message }) : say(known);
    }
  }
}

function amount(done: number, size: number | null): string {
  if (size === null) return bytesInWords(done);
  return say("files.amount", { done: bytesInWords(done), size: bytesInWords(size) });
}

function Which({ page, asked }: { page: Page; asked: Question }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    box.current?.select();
  }, []);
  const closed = () => {
    question.value = null;
    page.desk.grab();
  };
  const send = () => {
    const path = box.current?.value.trim() ?? "";
    if (path !== "") moving.download(asked.session, asked.process, path);
  };
  return (
    <dialog class="ask" ref={dialog} aria-labelledby="which-title" onClose={closed}>
      <form method="dialog" onSubmit={send}>
        <h2 id="which-title">{sayOfPage("files.download")}</h2>
        <label>
          {say("files.path")}
          <input
            ref={box}
            type="text"
            required
            defaultValue={asked.path}
            autocapitalize="off"
            autocomplete="off"
            spellcheck={false}
          />
        </label>
        <p class="quiet">{say("files.pathHint")}</p>
        <div class="buttons">
          <button type="submit">{say("files.take")}</button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {sayOfPage("dialog.no")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
