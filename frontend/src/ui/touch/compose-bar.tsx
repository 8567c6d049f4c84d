// A line to write in with everything that the keyboard of a phone can do; the terminal gets it whole.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { say } from "../../strings";
import type { Touched } from "./surface";

export function ComposeBar({ to, close }: { to: Touched; close: () => void }) {
  const [text, setText] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => box.current?.focus(), []);
  const give = (enter: boolean) => {
    to.input.reset();
    const written = box.current?.value ?? text;
    if (written !== "") to.terminal.paste(written, true);
    if (enter) to.terminal.send("\r");
    setText("");
    box.current?.focus();
  };
  const send = (event: Event) => {
    event.preventDefault();
    give(true);
  };
  // A button that took the focus would close the keyboard.
  const stay = (event: Event) => event.preventDefault();
  return (
    <form class="compose" onSubmit={send}>
      <textarea
        ref={box}
        rows={1}
        aria-label={say("compose.box")}
        placeholder={say("compose.hint")}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && !event.isComposing) close();
        }}
      />
      <button type="button" onMouseDown={stay} onClick={() => give(false)}>
        {say("compose.insert")}
      </button>
      <button type="submit" onMouseDown={stay}>
        {say("compose.send")}
      </button>
    </form>
  );
}
