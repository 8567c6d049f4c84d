// A visit to the page in a browser of its own: what a person sees and does, and proof that the page
// had no fault.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import type { PaneReport, StatsReport } from "../../src/surface";

/** Milliseconds until a condition must hold: long, because the machine may be busy. */
const DEADLINE = 30_000;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What the window is like. */
export interface VisitOptions {
  width?: number;
  height?: number;
  scale?: number;
  colorScheme?: "dark" | "light";
  /** It is a device that is touched, such as a phone. */
  touch?: boolean;
  reducedMotion?: boolean;
  /** The colours are the system's own, few and strong. */
  forcedColors?: boolean;
  /** The language that the browser asks for. */
  locale?: string;
  /** Further flags of the browser. */
  flags?: string[];
  /** The language that was chosen for the page on this device. */
  language?: string;
  /** Run in the page before anything of it. */
  before?: () => void;
}

type Surface = Window & {
  awp: {
    panes(): PaneReport[];
    screenText(pane: number): string[];
    scrollbackLength(pane: number): number;
    stats(): StatsReport;
  };
};

export class Visit {
  readonly page: Page;
  readonly faults: string[] = [];
  private readonly context: BrowserContext;
  private readonly folder: string;

  private constructor(context: BrowserContext, page: Page, folder: string) {
    this.context = context;
    this.page = page;
    this.folder = folder;
  }

  static async to(url: string, options: VisitOptions = {}): Promise<Visit> {
    const folder = mkdtempSync(join(tmpdir(), "awp-browser-"));
    const { width = 1000, height = 640, scale = 1, colorScheme = "dark" } = options;
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: "/usr/bin/chromium",
      args: [...FLAGS, ...(options.flags ?? [])],
      viewport: { width, height },
      deviceScaleFactor: scale,
      colorScheme,
      hasTouch: options.touch === true,
      isMobile: options.touch === true,
      reducedMotion: options.reducedMotion === true ? "reduce" : "no-preference",
      forcedColors: options.forcedColors === true ? "active" : "none",
      locale: options.locale ?? "en-US",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = context.pages()[0] ?? (await context.newPage());
    const visit = new Visit(context, page, folder);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) visit.faults.push(message.text());
    });
    page.on("pageerror", (error) => visit.faults.push(String(error)));
    await context.exposeFunction("awpFault", (fault: string) => visit.faults.push(fault));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, sample }) => {
        const { awpFault } = window as unknown as { awpFault(fault: string): void };
        awpFault(`policy: ${violatedDirective} ${sample}`);
      });
    });
    if (options.language !== undefined) {
      await context.addInitScript((tag) => {
        try {
          localStorage.setItem("awp.language", tag);
        } catch {
          // The empty page before the first has no storage.
        }
      }, options.language);
    }
    if (options.before !== undefined) await context.addInitScript(options.before);
    await page.goto(url);
    return visit;
  }

  /** Ends the visit. A page that had a fault fails the test. */
  async end(): Promise<void> {
    await this.context.close();
    rmSync(this.folder, { recursive: true, force: true });
    expect(this.faults).toEqual([]);
  }

  /** Waits until the page's terminal is live and has the keyboard. */
  async live(): Promise<void> {
    await this.until("a live terminal", () => {
      const { awp } = window as unknown as Surface;
      const inTerminal = document.activeElement?.closest(".xterm") != null;
      return awp?.panes()[0]?.state === "live" && inTerminal;
    });
  }

  /** Waits for a condition in the page; says what was there instead when it never holds. */
  async until<A>(what: string, condition: (argument: A) => boolean, argument?: A): Promise<void> {
    try {
      const wait = { timeout: DEADLINE, polling: 20 };
      await this.page.waitForFunction(condition as (argument: unknown) => boolean, argument, wait);
    } catch {
      const body = await this.page.evaluate(() => document.body.innerText);
      const seen = `${(await this.screen()).join("\n")}\n${body}\n${this.faults.join("\n")}`;
      throw new Error(`never came: ${what}. There was:\n${seen}`);
    }
  }

  /** Waits until a line of the screen holds this text. */
  async sees(text: string): Promise<void> {
    await this.until(
      `"${text}" on the screen`,
      (wanted) => {
        const { awp } = window as unknown as Surface;
        return awp?.screenText(0).some((line) => line.includes(wanted));
      },
      text,
    );
  }

  /** Waits until the page says this in its words. */
  async says(text: string): Promise<void> {
    const wanted = text.toLowerCase();
    await this.until(
      `"${text}" in words`,
      (words) => document.body.innerText.toLowerCase().includes(words),
      wanted,
    );
  }

  /** Types a line. */
  async line(text: string): Promise<void> {
    await this.page.keyboard.type(text);
    await this.page.keyboard.press("Enter");
  }

  screen(): Promise<string[]> {
    return this.page.evaluate(() => {
      const { awp } = window as unknown as Surface;
      return awp?.screenText(0) ?? [];
    });
  }

  async pane(): Promise<PaneReport> {
    const pane = await this.page.evaluate(() => (window as unknown as Surface).awp.panes()[0]);
    if (pane === undefined) throw new Error("there is no pane");
    return pane;
  }

  stats(): Promise<StatsReport> {
    return this.page.evaluate(() => (window as unknown as Surface).awp.stats());
  }
}
