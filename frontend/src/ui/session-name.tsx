// What the session is called. Its owner may give it another name here, and end it.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { renameSession } from "../session-api";
import { say } from "../strings";
import { endAll } from "./actions";
import { chooseFiles, downloadPath } from "./files/open";
import { info, remark, role, session } from "./model";
import { openPalette, openSettings, openShare } from "./overlay";
import { openTranscript } from "./transcript/open";

export function SessionName() {
  const menu = useRef<HTMLDetailsElement>(null);
  const [editing, setEditing] = useState(false);
  const name = info.value?.name;
  const shown = name ?? session.value ?? say("session.unnamed");
  const owner = role.value === "owner";
  if (role.value === "watch") return <span class="session-name quiet">{shown}</span>;
  if (editing) return <NameField name={name ?? ""} done={() => setEditing(false)} />;
  const choose = (act: () => void) => () => {
    menu.current?.removeAttribute("open");
    act();
  };
  return (
    <details class="menu session-name" ref={menu}>
      <summary aria-label={`${say("session.menu")}: ${shown}`}>
        <span class="title">{shown}</span>
        <span aria-hidden="true">▾</span>
      </summary>
      <div class="sheet-small">
        {owner && (
          <button type="button" onClick={choose(() => setEditing(true))}>
            {say("session.rename")}
          </button>
        )}
        <button type="button" onClick={choose(() => chooseFiles())}>
          {say("files.upload")}
        </button>
        <button type="button" onClick={choose(() => void downloadPath())}>
          {say("files.download")}…
        </button>
        <button type="button" onClick={choose(() => void openTranscript())}>
          {say("transcript.open")}
        </button>
        {owner && (
          <button type="button" onClick={choose(() => void openShare())}>
            {say("share.open")}
          </button>
        )}
        <button type="button" onClick={choose(() => void openSettings())}>
          {say("settings.open")}
        </button>
        <button type="button" onClick={choose(() => void openPalette())}>
          {say("palette.open")}
        </button>
        {owner && (
          <button type="button" class="danger" onClick={choose(endAll)}>
            {say("end.yes")}
          </button>
        )}
      </div>
    </details>
  );
}

function NameField({ name, done }: { name: string; done: () => void }) {
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => box.current?.select(), []);
  const save = async (event: Event) => {
    event.preventDefault();
    const wanted = box.current?.value.trim() ?? "";
    const id = session.value;
    if (id === null || wanted === name) {
      done();
      return;
    }
    const taken = await renameSession(id, wanted === "" ? null : wanted);
    if (taken) done();
    else remark.value = say("session.taken");
  };
  return (
    <form class="session-name" onSubmit={save}>
      <input
        ref={box}
        type="text"
        aria-label={say("session.name")}
        defaultValue={name}
        autocomplete="off"
        spellcheck={false}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key === "Escape") done();
        }}
      />
    </form>
  );
}
