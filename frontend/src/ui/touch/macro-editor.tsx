// Makes and removes the keys of one's own. They are kept on this device.

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { say } from "../../strings";
import { MAX_MACROS, MAX_NAME, MAX_TEXT, type Macro, parseMacros } from "../../touch/macros";
import { sayMacro } from "./macro-strings";

/** Where they are kept. */
const KEY = "awp.touch.macros";

function kept(): Macro[] {
  try {
    return parseMacros(localStorage.getItem(KEY));
  } catch {
    return [];
  }
}

export const macros = signal<readonly Macro[]>(kept());

function keep(changed: readonly Macro[]): void {
  macros.value = changed;
  try {
    localStorage.setItem(KEY, JSON.stringify(changed));
  } catch {
    // Without storage they last as long as the page.
  }
}

export function MacroEditor({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const full = macros.value.length >= MAX_MACROS;
  const add = (event: Event) => {
    event.preventDefault();
    const others = macros.value.filter((macro) => macro.name !== name.trim());
    if (name.trim() !== "") keep([...others, { name: name.trim(), text }]);
    setName("");
    setText("");
  };
  return (
    <dialog class="sheet" ref={dialog} aria-label={sayMacro("macros.title")} onClose={close}>
      <h2>{sayMacro("macros.title")}</h2>
      <ul class="macros">
        {macros.value.map((macro) => (
          <li key={macro.name}>
            <b>{macro.name}</b>
            <code>{macro.text}</code>
            <button
              type="button"
              aria-label={sayMacro("macros.remove", { key: macro.name })}
              onClick={() => keep(macros.value.filter((other) => other !== macro))}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
      <form onSubmit={add}>
        <label>
          {sayMacro("macros.label")}
          <input
            required
            maxLength={MAX_NAME}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          {sayMacro("macros.text")}
          <input
            required
            maxLength={MAX_TEXT}
            autocapitalize="none"
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <p>{full ? sayMacro("macros.full") : sayMacro("macros.help")}</p>
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            {say("sheet.close")}
          </button>
          <button type="submit" disabled={full}>
            {sayMacro("macros.add")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
