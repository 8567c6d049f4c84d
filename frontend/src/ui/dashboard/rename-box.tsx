// A session's name being changed, in its place: Enter saves, Escape leaves it as it was.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Overview } from "../../dashboard/overview";
import { type Listed, nameOf } from "../../dashboard/session";
import { say } from "../../strings";
import { focusTile } from "./keyboard";

/** Characters of a name, as the server counts them. */
export const MAX_NAME = 64;

export function RenameBox({ overview, session }: { overview: Overview; session: Listed }) {
  const [name, setName] = useState(session.name ?? "");
  const [why, setWhy] = useState("");
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => box.current?.select(), []);
  const close = () => {
    overview.renamed.value = null;
    focusTile(session.id);
  };
  const save = async (event: Event) => {
    event.preventDefault();
    const wanted = name.trim();
    const refused =
      wanted === (session.name ?? "") ? "" : await overview.rename(session.id, wanted);
    if (refused === "") close();
    else setWhy(refused);
  };
  const leave = (event: FocusEvent) => {
    // The window that loses the keyboard is no decision.
    if (document.hasFocus() && event.relatedTarget !== null) overview.renamed.value = null;
  };
  return (
    <form class="tile-rename" onSubmit={save}>
      <input
        ref={box}
        type="text"
        aria-label={say("card.newName", { name: nameOf(session) })}
        aria-invalid={why !== ""}
        placeholder={nameOf(session)}
        maxLength={MAX_NAME}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
        }}
        onBlur={leave}
      />
      <span class="tile-why" role="alert">
        {why}
      </span>
    </form>
  );
}
