// A question that has to be answered before something is done that cannot be undone.

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Page } from "../page";
import { say } from "../strings";

interface Question {
  title: string;
  text: string;
  yes: string;
  act: () => void;
}

const question = signal<Question | null>(null);

/** Asks; what is to be done is done if the answer is yes. */
export function confirm(asked: Question): void {
  question.value = asked;
}

export function DialogPlace({ page }: { page: Page }) {
  const { value: asked } = question;
  return asked === null ? null : <Dialog page={page} asked={asked} />;
}

function Dialog({ page, asked }: { page: Page; asked: Question }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const closed = () => {
    question.value = null;
    if (dialog.current?.returnValue === "yes") asked.act();
    page.desk.grab();
  };
  return (
    <dialog class="ask" ref={dialog} aria-labelledby="ask-title" onClose={closed}>
      <form method="dialog">
        <h2 id="ask-title">{asked.title}</h2>
        <p>{asked.text}</p>
        <div class="buttons">
          <button type="submit" value="yes" autofocus>
            {asked.yes}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {say("dialog.no")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
