// The question before something doubtful is pasted: what it is, made visible, and what to do.

import type { ComponentType } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../../page";
import type { Doubt } from "../../paste/doubt";
import { linesOf, SHOWN, visible, withoutControls, withoutMarkers } from "../../paste/text";
import { change } from "../../settings/settings";
import { inDigits } from "../../strings";
import { closeOverlay } from "../overlay";
import { say } from "./strings";
import "../../style/paste.css";

/** The dialog of one doubt. */
export function pasteDialog(doubt: Doubt): ComponentType<{ page: Page }> {
  return ({ page }) => <PasteDialog page={page} doubt={doubt} />;
}

function PasteDialog({ page, doubt }: { page: Page; doubt: Doubt }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [never, forget] = useState(false);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const { text, concern } = doubt;
  const closed = () => {
    const answer = dialog.current?.returnValue;
    closeOverlay(page);
    if (answer === "clean") doubt.paste(withoutControls(text));
    if (answer === "raw") doubt.paste(withoutMarkers(text));
    if (answer === "raw" && never) change({ askLines: false });
  };
  const long = text.length > SHOWN;
  return (
    <dialog class="ask paste" ref={dialog} aria-labelledby="paste-title" onClose={closed}>
      <form method="dialog">
        <h2 id="paste-title">{say("paste.title")}</h2>
        <p>{say(`paste.${concern}`)}</p>
        <pre
          role="document"
          aria-label={say("paste.text")}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
          tabIndex={0}
        >
          {visible(text).map((part, index) =>
            part.sign ? <mark key={index}>{part.text}</mark> : part.text,
          )}
          {long && "…"}
        </pre>
        <p class="quiet">
          {say("paste.size", {
            characters: inDigits(text.length),
            lines: inDigits(linesOf(text)),
          })}{" "}
          {long && say("paste.rest", { shown: inDigits(SHOWN) })}
        </p>
        {concern === "lines" && (
          <label>
            <input
              type="checkbox"
              checked={never}
              onChange={(event) => forget(event.currentTarget.checked)}
            />
            {say("paste.never")}
          </label>
        )}
        <div class="buttons">
          {concern === "lines" ? (
            <button type="submit" value="raw" autofocus>
              {say("paste.yes")}
            </button>
          ) : (
            <>
              <button type="submit" value="clean" autofocus>
                {say("paste.clean")}
              </button>
              <button class="plain" type="submit" value="raw">
                {say("paste.raw")}
              </button>
            </>
          )}
          <button type="button" onClick={() => dialog.current?.close()}>
            {say("paste.no")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
