// The kinds of fields that settings have. Each changes its setting as soon as it holds one.

import { useId, useState } from "preact/hooks";
import { allowed, RULES, type Settings } from "../../settings/kept";
import { change, settings } from "../../settings/settings";
import { say, type Word } from "./strings";

type Names<A> = {
  [Name in keyof Settings]: Settings[Name] extends A ? Name : never;
}[keyof Settings];

function set(name: keyof Settings, value: string | number | boolean): boolean {
  const may = allowed(name, value);
  if (may) change({ [name]: value });
  return may;
}

interface ChoiceProps {
  name: Names<string> | "contrast";
  label: Word;
  /** Values with their words. */
  choices: readonly (readonly [value: string | number, word: Word])[];
}

/** One of several. */
export function Choice({ name, label, choices }: ChoiceProps) {
  const now = settings.value[name];
  return (
    <label class="field">
      <span>{say(label)}</span>
      <select
        value={String(now)}
        onChange={({ currentTarget: { value } }) => {
          const chosen = choices.find(([choice]) => String(choice) === value);
          if (chosen !== undefined) set(name, chosen[0]);
        }}
      >
        {choices.map(([value, word]) => (
          <option key={value} value={String(value)} selected={value === now}>
            {say(word)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface AmountProps {
  name: Names<number>;
  label: Word;
  step: number;
}

/** A number between two. */
export function Amount({ name, label, step }: AmountProps) {
  const [wrong, tell] = useState(false);
  const id = useId();
  const [least, most] = RULES[name] as readonly [number, number];
  return (
    <label class="field">
      <span>{say(label)}</span>
      <input
        type="number"
        min={least}
        max={most}
        step={step}
        value={settings.value[name]}
        aria-invalid={wrong}
        aria-describedby={wrong ? id : undefined}
        onChange={({ currentTarget: { value } }) => {
          tell(value === "" || !set(name, Number(value)));
        }}
      />
      {wrong && (
        <span class="trouble" id={id} role="alert">
          {say("settings.wrong", { least: String(least), most: String(most) })}
        </span>
      )}
    </label>
  );
}

/** Yes or no. */
export function Tick({ name, label }: { name: Names<boolean>; label: Word }) {
  return (
    <label class="tick">
      <input
        type="checkbox"
        checked={settings.value[name]}
        onChange={({ currentTarget: { checked } }) => set(name, checked)}
      />
      {say(label)}
    </label>
  );
}

/** Whether a font is there: with it, text is not as wide as without it in both cases. */
function hasFont(name: string): boolean {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return true;
  const width = (fonts: string) => {
    context.font = `40px ${fonts}`;
    return context.measureText("mmmmMWli1l|@é").width;
  };
  return ["monospace", "serif"].some((other) => width(`"${name}", ${other}`) !== width(other));
}

/** The name of a font of this device. */
export function FontName({ label }: { label: Word }) {
  const { fontFamily } = settings.value;
  const [wrong, tell] = useState<Word | null>(null);
  const id = useId();
  return (
    <label class="field">
      <span>{say(label)}</span>
      <input
        type="text"
        placeholder={say("settings.fontHint")}
        autocomplete="off"
        spellcheck={false}
        value={fontFamily}
        aria-invalid={wrong !== null}
        aria-describedby={wrong === null ? undefined : id}
        onChange={({ currentTarget: { value } }) => {
          const name = value.trim();
          if (name !== "" && allowed("fontFamily", name) && !hasFont(name)) {
            tell("settings.fontMissing");
          } else tell(set("fontFamily", name) ? null : "settings.fontWrong");
        }}
      />
      {wrong !== null && (
        <span class="trouble" id={id} role="alert">
          {say(wrong)}
        </span>
      )}
    </label>
  );
}
