// Stands before a session that is locked, where nobody logs in again right here.

import { useEffect, useRef } from "preact/hooks";
import type { Page } from "../../page";
import { role } from "../model";
import { say } from "./strings";

export function Locked({ page }: { page: Page }) {
  const again = useRef<HTMLButtonElement>(null);
  useEffect(() => again.current?.focus(), []);
  return (
    <section class="card" aria-label={say("locked.title")} aria-live="polite">
      <h2>{say("locked.title")}</h2>
      {role.value === "watch" ? (
        <div>{say("locked.watch")}</div>
      ) : (
        <>
          <div>{say("locked.text")}</div>
          <button type="button" ref={again} onClick={() => page.comeAgain()}>
            {say("locked.again")}
          </button>
        </>
      )}
    </section>
  );
}
