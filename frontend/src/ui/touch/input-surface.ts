// Typing with an on-screen keyboard. The terminal's own text field stays the one that has the focus,
// but what is written into it is no longer the emulator's: it is compared with what the program
// has, and the difference is sent. Keys that write nothing still go to the emulator.

import { signal } from "@preact/signals";
import type { TouchTerminal } from "../../term/touch-terminal";
import type { KeyName } from "../../touch/keys";
import { MAX_SURFACE, Mirror, type Step } from "../../touch/mirror";
import { anyHeld, heldText, takeHeld } from "./held";

/** What is being composed and not sent, for the terminal that has the keyboard. */
export const preedit = signal("");

/** Keys of a keyboard that a held modifier of the row applies to. */
const NAMED: Readonly<Record<string, KeyName>> = {
  Enter: "enter",
  Tab: "tab",
  Escape: "esc",
  Backspace: "backspace",
  Delete: "delete",
  Insert: "insert",
  Home: "home",
  End: "end",
  PageUp: "pageUp",
  PageDown: "pageDown",
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "Fn"]);

/** Code of a key that an input method has taken for itself. */
const TAKEN = 229;

export class InputSurface {
  private readonly terminal: TouchTerminal;
  private readonly area: HTMLTextAreaElement;
  private readonly mirror = new Mirror();
  private readonly stop = new AbortController();
  /** The key that is down writes into the field, so its character is not the emulator's. */
  private writes = false;

  constructor(terminal: TouchTerminal) {
    this.terminal = terminal;
    this.area = terminal.area;
    this.area.dataset["terminalInput"] = "";
    this.area.autocapitalize = "none";
    this.area.enterKeyHint = "enter";
    this.listen("keydown", (event) => this.keydown(event));
    this.listen("keypress", (event) => {
      if (this.writes) event.stopPropagation();
    });
    this.listen("beforeinput", (event) => this.before(event));
    this.listen("input", (event) => {
      event.stopPropagation();
      this.changed();
    });
    this.listen("compositionstart", (event) => {
      event.stopPropagation();
      this.mirror.compose();
    });
    this.listen("compositionupdate", (event) => event.stopPropagation());
    this.listen("compositionend", (event) => {
      event.stopPropagation();
      this.finish();
    });
    this.listen("paste", () => this.reset());
    this.listen("blur", () => this.forget());
    this.listen("focus", () => {
      // A dialog that closes gives the focus back without the caret, and without it nothing is typed.
      const { length } = this.area.value;
      this.area.setSelectionRange(length, length);
    });
    const { signal: aborted } = this.stop;
    document.addEventListener("selectionchange", () => this.caretMoved(), { signal: aborted });
  }

  dispose(): void {
    this.stop.abort();
    delete this.area.dataset["terminalInput"];
    this.forget();
  }

  /** What was written so far is sent, and the line is no longer this keyboard's to change. */
  reset(): void {
    if (this.mirror.composing) this.finish();
    this.forget();
    if (this.area.value !== "") this.area.value = "";
  }

  /** A key by its name, with what is held. */
  press(name: KeyName, shift = false): void {
    this.reset();
    this.terminal.key(name, { ...takeHeld(), shift });
  }

  /** Text by a key of the row, with what is held. */
  type(text: string): void {
    this.reset();
    this.terminal.send(heldText(text));
  }

  private listen<K extends keyof HTMLElementEventMap>(
    type: K,
    act: (event: HTMLElementEventMap[K]) => void,
  ): void {
    const { signal: aborted } = this.stop;
    const mine = (event: HTMLElementEventMap[K]) => {
      if (event.target === this.area && !this.area.readOnly) act(event);
    };
    // On the way down, so that the emulator's own listeners come after.
    this.terminal.element.addEventListener(type, mine, { capture: true, signal: aborted });
  }

  private keydown(event: KeyboardEvent): void {
    this.writes = false;
    if (MODIFIERS.has(event.key)) return;
    const chord = (event.ctrlKey || event.altKey || event.metaKey) && !altGraph(event);
    const character = Array.from(event.key).length === 1;
    const taken = event.isComposing || event.keyCode === TAKEN;
    if (taken || event.key === "Dead" || event.key === "Unidentified") {
      this.writes = true;
    } else if (chord) this.reset();
    else if (character) {
      this.writes = true;
      if (anyHeld()) {
        event.preventDefault();
        this.type(event.key);
      }
    } else if (event.key === "Backspace" && this.area.selectionEnd > 0 && !anyHeld()) {
      this.writes = true;
    } else {
      const name = NAMED[event.key];
      this.reset();
      if (name !== undefined && anyHeld()) {
        event.preventDefault();
        this.writes = true;
        this.press(name, event.shiftKey);
      }
    }
    if (this.writes) event.stopPropagation();
  }

  private before(event: InputEvent): void {
    switch (event.inputType) {
      case "insertLineBreak":
      case "insertParagraph":
        event.preventDefault();
        this.press("enter");
        return;
      case "insertFromPaste":
      case "insertFromDrop":
      case "historyUndo":
      case "historyRedo":
        event.preventDefault();
        return;
      default:
        // With nothing left to rub out here there may be something in the program's line.
        if (this.area.value === "" && event.inputType.startsWith("delete")) {
          event.preventDefault();
          this.press(event.inputType.endsWith("Forward") ? "delete" : "backspace");
        }
    }
  }

  private changed(): void {
    const { value, selectionEnd } = this.area;
    if (/[\r\n]/.test(value) || (anyHeld() && this.mirror.adds(value))) {
      this.whole(this.mirror.finish(value, value.length));
      return;
    }
    this.run(this.mirror.change(value, selectionEnd));
    preedit.value = this.mirror.pending(value);
    if (!this.mirror.composing && value.length > MAX_SURFACE) this.reset();
  }

  /** Text that ends the line, or that a modifier makes into something else. */
  private whole(steps: readonly Step[]): void {
    for (const step of steps) {
      if (!("text" in step)) this.run([step]);
      else if (/^(\r\n?|\n)$/.test(step.text)) this.terminal.key("enter", takeHeld());
      else if (/[\r\n]/.test(step.text)) this.terminal.paste(step.text, true);
      else this.terminal.send(heldText(step.text));
    }
    this.forget();
    this.area.value = "";
  }

  private finish(): void {
    const { value, selectionEnd } = this.area;
    this.run(this.mirror.finish(value, selectionEnd));
    preedit.value = "";
  }

  private forget(): void {
    this.mirror.reset();
    preedit.value = "";
  }

  private caretMoved(): void {
    const { value, selectionStart, selectionEnd } = this.area;
    if (document.activeElement !== this.area || selectionStart !== selectionEnd) return;
    if (this.mirror.holds(value)) this.run(this.mirror.move(selectionEnd));
  }

  private run(steps: readonly Step[]): void {
    const none = { ctrl: false, alt: false };
    for (const step of steps) {
      if ("text" in step) this.terminal.send(step.text);
      else for (let left = step.times; left > 0; left -= 1) this.terminal.key(step.key, none);
    }
  }
}

function altGraph(event: KeyboardEvent): boolean {
  return event.getModifierState("AltGraph") && !event.metaKey;
}
