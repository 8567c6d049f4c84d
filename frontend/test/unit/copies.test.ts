// What a program sends to be copied, as text.

import { expect, test, vi } from "vitest";

vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {} }));

test("text comes out as it was, and what is none does not", async () => {
  const { textOf } = await import("../../src/told/copies");
  const sent = (text: string) => Buffer.from(text).toString("base64");
  for (const text of ["plain", "日本 é 👍", "two\nlines\t", "\x1b[31m"]) {
    expect(textOf(sent(text)), text).toBe(text);
  }
  expect(textOf("")).toBe("");
  for (const broken of ["!", "a", "\x1b", "/w==", "8J+R"])
    expect(textOf(broken), broken).toBeNull();
});
