// Asks what a new session is to run and what it is called. Enter starts it.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Overview } from "../../dashboard/overview";
import { say } from "../../strings";
import { MAX_NAME } from "./rename-box";

export function NewDialog({ overview }: { overview: Overview }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const apps = overview.apps.value;
  const [app, setApp] = useState(apps[0]?.name ?? "");
  const [name, setName] = useState("");
  const [why, setWhy] = useState("");
  const [busy, setBusy] = useState(false);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const start = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setWhy(await overview.make(app, name.trim()));
    setBusy(false);
  };
  const closed = () => {
    overview.making.value = false;
  };
  const command = apps.find((known) => known.name === app)?.command.join(" ") ?? "";
  return (
    <dialog class="dash-dialog" ref={dialog} aria-labelledby="new-title" onClose={closed}>
      <form onSubmit={start}>
        <h2 id="new-title">{say("new.title")}</h2>
        {apps.length > 1 && (
          <label>
            {say("new.app")}
            <select value={app} onChange={(event) => setApp(event.currentTarget.value)}>
              {apps.map((known) => (
                <option key={known.name} value={known.name}>
                  {known.name}
                </option>
              ))}
            </select>
          </label>
        )}
        {command !== "" && <code class="dash-command">{command}</code>}
        <label>
          {say("new.name")}
          <input
            type="text"
            autofocus
            maxLength={MAX_NAME}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <p role="alert">{why}</p>
        <div class="dash-buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            {say("new.cancel")}
          </button>
          <button type="submit" disabled={busy}>
            {say("new.start")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
