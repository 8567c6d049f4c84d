// Asks again who is there, before another person's session is ended or what others saw is shown.

import type { ComponentType } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../../page";
import { say } from "../../strings";
import { closeOverlay } from "../overlay";
import { ProofForm } from "../proof-form";
import { sayProve } from "./strings";
import "../../style/overlay.css";

interface Props {
  /** Why it is asked, and what the answer does, where it is not to end another's session. */
  words?: { why: string; yes: string };
  /** Somebody has proven who it is. */
  proven: () => void;
  /** The dialog is away, whatever was done there. */
  closed: () => void;
}

export function ProveDialog({ words, proven, closed }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [trouble, complain] = useState("");
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="ask" ref={dialog} aria-labelledby="prove-title" onClose={closed}>
      <h2 id="prove-title">{sayProve("prove.title")}</h2>
      <ProofForm
        look="prove"
        label={words?.yes ?? sayProve("prove.yes")}
        done={(told) => {
          complain(told === "in" ? "" : say(`login.${told === "refused" ? "wrong" : told}`));
          if (told !== "in") return;
          proven();
          dialog.current?.close();
        }}
      >
        <p>{words?.why ?? sayProve("prove.why")}</p>
      </ProofForm>
      <p class="trouble" role="alert">
        {trouble}
      </p>
      <div class="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          {say("new.cancel")}
        </button>
      </div>
    </dialog>
  );
}

/** The same over a session's page. */
export function proofPart(proven: () => void): ComponentType<{ page: Page }> {
  return ({ page }) => <ProveDialog proven={proven} closed={() => closeOverlay(page)} />;
}
