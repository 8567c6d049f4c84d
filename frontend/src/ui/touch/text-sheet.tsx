// The terminal's text as text of the page, to be selected the way the device does it.

import { useLayoutEffect, useRef } from "preact/hooks";
import { say } from "../../strings";
import { copyText } from "./selection";

export function TextSheet({ text, close }: { text: string; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const body = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
    if (body.current !== null) body.current.scrollTop = body.current.scrollHeight;
  }, []);
  return (
    <dialog class="sheet" ref={dialog} aria-label={say("sheet.title")} onClose={close}>
      <h2>{say("sheet.title")}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <pre ref={body} tabIndex={0}>
        {text}
      </pre>
      <div class="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          {say("sheet.close")}
        </button>
        <button type="button" onClick={() => void copyText(text)}>
          {say("select.all")}
        </button>
      </div>
    </dialog>
  );
}
