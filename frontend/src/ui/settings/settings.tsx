// The settings of this device: what is chosen holds at once, behind the dialog.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../../page";
import { MAX_FILE, read, written } from "../../settings/file";
import { BELLS, COPIES, CURSORS, THEMES, USUAL } from "../../settings/kept";
import { change, settings } from "../../settings/settings";
import { closeOverlay } from "../overlay";
import { Amount, Choice, FontName, Tick } from "./fields";
import { say, type Word } from "./strings";
import "../../style/settings.css";

/** The contrasts of the guidelines: of signs, of text, and of text for everybody. */
const CONTRASTS = [1, 3, 4.5, 7] as const;

function worded<V extends string | number>(kind: string, values: readonly V[]) {
  return values.map((value) => [value, `${kind}.${value}` as Word] as const);
}

function save(): void {
  const file = new Blob([written(settings.value)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = "awp-settings.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Takes a file, or says why not. */
async function load(file: File): Promise<string> {
  const text = file.size > MAX_FILE ? "" : await file.text();
  const found = read(text);
  if ("why" in found) return say(`import.${found.why}`, { ...found, file: file.name });
  change(found);
  return say("settings.loaded", { file: file.name });
}

export function SettingsDialog({ page }: { page: Page }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const [told, tell] = useState("");
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const chosen = async (event: Event) => {
    const box = event.currentTarget as HTMLInputElement;
    const file = box.files?.[0];
    if (file !== undefined) tell(await load(file));
    box.value = "";
  };
  return (
    <dialog
      class="ask settings"
      ref={dialog}
      aria-labelledby="settings-title"
      onClose={() => closeOverlay(page)}
    >
      <h2 id="settings-title">{say("settings.title")}</h2>
      <p class="quiet">{say("settings.note")}</p>
      <fieldset>
        <legend>{say("settings.appearance")}</legend>
        <Choice name="theme" label="settings.theme" choices={worded("theme", THEMES)} />
        <FontName label="settings.font" />
        <Amount name="fontSize" label="settings.size" step={1} />
        <Amount name="lineHeight" label="settings.line" step={0.05} />
        <Choice name="contrast" label="settings.contrast" choices={worded("contrast", CONTRASTS)} />
        <Choice name="cursorStyle" label="settings.cursor" choices={worded("cursor", CURSORS)} />
        <Tick name="cursorBlink" label="settings.blink" />
      </fieldset>
      <fieldset>
        <legend>{say("settings.terminal")}</legend>
        <Amount name="scrollback" label="settings.scrollback" step={1000} />
        <Choice name="bell" label="settings.bell" choices={worded("bell", BELLS)} />
        <Choice name="programsCopy" label="settings.copies" choices={worded("copies", COPIES)} />
        <Tick name="askLines" label="settings.askLines" />
      </fieldset>
      <fieldset>
        <legend>{say("settings.keep")}</legend>
        <div class="buttons">
          <button type="button" onClick={save}>
            {say("settings.export")}
          </button>
          <button type="button" onClick={() => chooser.current?.click()}>
            {say("settings.import")}
          </button>
          <button
            type="button"
            onClick={() => {
              change(USUAL);
              tell(say("settings.wasReset"));
            }}
          >
            {say("settings.reset")}
          </button>
          <input
            ref={chooser}
            type="file"
            accept=".json,application/json"
            aria-label={say("settings.import")}
            hidden
            onChange={chosen}
          />
        </div>
        <p role="status">{told}</p>
      </fieldset>
      <div class="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          {say("settings.close")}
        </button>
      </div>
    </dialog>
  );
}
