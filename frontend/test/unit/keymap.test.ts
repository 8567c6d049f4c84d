// The key map: what belongs to the page, and that nothing of the programs' does.

import { expect, test } from "vitest";
import { chordNames, commandOf } from "../../src/keymap";

const NONE = { ctrlKey: false, shiftKey: false, altKey: false, metaKey: false };
const CTRL_SHIFT = { ...NONE, ctrlKey: true, shiftKey: true };
const META = { ...NONE, metaKey: true };

test("each chord does what it says", () => {
  const does = (code: string) => commandOf({ ...CTRL_SHIFT, code }, false);
  expect(does("Space")).toBe("palette");
  expect(does("KeyP")).toBe("palette");
  expect(does("KeyS")).toBe("sessions");
  expect(does("KeyD")).toBe("splitRight");
  expect(does("Digit7")).toBe("tab7");
  expect(does("Digit0")).toBeNull();
  expect(does("KeyA")).toBeNull();
});

test("the Command key is the page's on Apple's systems alone", () => {
  expect(commandOf({ ...META, code: "KeyD" }, true)).toBe("splitRight");
  expect(commandOf({ ...META, shiftKey: true, code: "KeyD" }, true)).toBe("splitDown");
  expect(commandOf({ ...META, code: "KeyD" }, false)).toBeNull();
  expect(commandOf({ ...CTRL_SHIFT, code: "KeyE" }, true)).toBe("splitDown");
});

test("keys without a second modifier are the program's", () => {
  const codes = ["KeyC", "KeyD", "KeyP", "KeyS", "Enter", "Space", "ArrowLeft", "Digit1", "F1"];
  for (const code of codes) {
    for (const held of ["ctrlKey", "altKey", "shiftKey"] as const) {
      for (const apple of [false, true]) {
        expect(commandOf({ ...NONE, [held]: true, code }, apple), `${held} ${code}`).toBeNull();
      }
    }
    expect(commandOf({ ...CTRL_SHIFT, altKey: true, code }, false), code).toBeNull();
  }
});

test("chords are named as they are printed on keys", () => {
  expect(chordNames("palette", false)).toEqual(["Ctrl+Shift+Space", "Ctrl+Shift+P"]);
  expect(chordNames("focusLeft", false)).toEqual(["Ctrl+Shift+←"]);
  expect(chordNames("splitRight", true)).toEqual(["Cmd+D"]);
  expect(chordNames("tab3", false)).toEqual(["Ctrl+Shift+3"]);
});
