// The panes of a session's page, as a test looks at them and works with them.

import axe from "axe-core";
import { expect } from "vitest";
import type { PaneReport } from "../../src/surface";
import { Visit, type VisitOptions } from "./visit";

type Surface = Window & {
  awp: { panes(): PaneReport[]; screenText(pane: number): string[] };
};

/** Comes to a page and waits until its terminal is live. */
export async function come(url: string, options: VisitOptions = {}): Promise<Visit> {
  const visit = await Visit.to(url, { width: 1280, height: 800, ...options });
  await visit.until("a live pane", () => {
    return (window as unknown as Surface).awp?.panes()[0]?.state === "live";
  });
  return visit;
}

export function panes(visit: Visit): Promise<PaneReport[]> {
  return visit.page.evaluate(() => (window as unknown as Surface).awp.panes());
}

/** Waits until the visible processes are these, in order, and the one with the keyboard is this. */
export async function shows(visit: Visit, visible: number[], focused?: number): Promise<void> {
  await visit.until(
    `visible ${visible}, focused ${focused}`,
    ({ wanted, front }) => {
      const all = (window as unknown as Surface).awp.panes();
      const seen = all.filter((pane) => pane.visible).map((pane) => pane.process);
      const holder = all.find((pane) => pane.focused)?.process;
      return String(seen) === String(wanted) && (front === null || holder === front);
    },
    { wanted: visible, front: focused ?? null },
  );
}

/** Waits until a process has shown a text. */
export async function seesIn(visit: Visit, process: number, text: string): Promise<void> {
  await visit.until(
    `"${text}" in process ${process}`,
    ({ of, wanted }) => {
      const { awp } = window as unknown as Surface;
      const index = awp.panes().findIndex((pane) => pane.process === of);
      return index !== -1 && awp.screenText(index).some((line) => line.includes(wanted));
    },
    { of: process, wanted: text },
  );
}

/** Waits until the size of a process is such. */
export async function sized(visit: Visit, process: number, cols: number, rows: number) {
  await visit.until(
    `process ${process} at ${cols}x${rows}`,
    (wanted) => {
      const all = (window as unknown as Surface).awp.panes();
      const pane = all.find((one) => one.process === wanted.process);
      return pane?.cols === wanted.cols && pane.rows === wanted.rows;
    },
    { process, cols, rows },
  );
}

/** Waits until the keyboard is in a terminal. */
export async function hasKeyboard(visit: Visit): Promise<void> {
  await visit.until("the keyboard in a terminal", () => {
    return document.activeElement?.closest(".xterm") != null;
  });
}

export async function press(visit: Visit, key: string): Promise<void> {
  await visit.page.keyboard.press(`Control+Shift+${key}`);
}

/** Holds what is shown against the rules of accessibility. */
export async function accessible(visit: Visit, what: string): Promise<void> {
  // The policy of the page lets no script in; the test's own way goes around it.
  await visit.page.evaluate(axe.source);
  const { held, found } = await visit.page.evaluate(async () => {
    const { axe: rules } = window as unknown as { axe: typeof axe };
    // What a program writes in which colour is its own affair.
    const { violations, passes } = await rules.run({ exclude: [".xterm"] });
    const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
    return { held: passes.length, found: said };
  });
  // Rules that had nothing to look at would find nothing.
  expect(held, what).toBeGreaterThan(10);
  expect(found, what).toEqual([]);
}
