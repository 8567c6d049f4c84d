// Notifications: none unless they were asked for, for a page that nobody looks at, of what happened
// and none of what a terminal shows.

import { expect, test } from "vitest";
import { accessible, come, hasKeyboard, press, shows } from "./desk";
import { Server } from "./server";
import type { Visit } from "./visit";

interface Shown {
  title: string;
  body: string;
}

type Page = Window & { shown: Shown[]; asked: number; last: Notification };

/** Looks on: what is shown are the browser's own notifications, and what is asked its own question. */
function lookOn(): void {
  const page = window as unknown as Page;
  page.shown = [];
  page.asked = 0;
  const Real = window.Notification;
  const ask = Real.requestPermission.bind(Real);
  window.Notification = class extends Real {
    constructor(title: string, options: NotificationOptions = {}) {
      super(title, options);
      page.shown.push({ title, body: options.body ?? "" });
      page.last = this;
    }
    static override requestPermission(): Promise<NotificationPermission> {
      page.asked += 1;
      return ask();
    }
  };
}

/** The window is looked at, or not. */
async function look(visit: Visit, visibility: "hidden" | "visible"): Promise<void> {
  await visit.page.evaluate((value) => {
    Object.defineProperty(document, "visibilityState", { value, configurable: true });
  }, visibility);
}

async function choose(visit: Visit, name: string): Promise<void> {
  await press(visit, "Space");
  await visit.until("the palette", () => {
    return document.activeElement?.matches(".palette input") === true;
  });
  await visit.page.keyboard.type(name);
  await visit.page.keyboard.press("Enter");
}

const shown = (visit: Visit) => visit.page.evaluate(() => (window as unknown as Page).shown);

async function told(visit: Visit, body: string): Promise<Shown> {
  await visit.until(
    `a notification "${body}"`,
    (wanted) => (window as unknown as Page).shown.some((one) => one.body.includes(wanted)),
    body,
  );
  return (await shown(visit)).find((one) => one.body.includes(body)) as Shown;
}

test("what was asked for is told of a hidden page, and a click leads there", async () => {
  const server = await Server.start({ flags: ["--no-auth"] });
  const visit = await come(server.open, { before: lookOn });
  const { page } = visit;
  await page.context().grantPermissions(["notifications", "clipboard-read", "clipboard-write"]);
  await hasKeyboard(visit);
  // Not asked for yet.
  await look(visit, "hidden");
  await visit.line("printf '\\033]9;not yet\\007'");
  await page.getByText("not yet", { exact: true }).waitFor();
  expect(await shown(visit)).toEqual([]);
  expect(await page.evaluate(() => (window as unknown as Page).asked)).toBe(0);

  await look(visit, "visible");
  await choose(visit, "notify me while");
  await visit.says("You will be told");
  expect(await page.evaluate(() => (window as unknown as Page).asked)).toBe(1);
  await accessible(visit, "a page that notifies");
  await hasKeyboard(visit);
  // A page that is looked at needs none.
  await visit.line("printf '\\007\\033]9;looked at\\007'");
  await page.getByText("looked at", { exact: true }).waitFor();
  expect(await shown(visit)).toEqual([]);

  await look(visit, "hidden");
  await visit.line("printf '\\033]2;my build\\007'; for i in $(seq 500); do printf '\\a'; done");
  expect(await told(visit, "Bell")).toEqual({ title: "my build", body: "Bell" });
  await visit.line("printf '\\033]9;one <b>\\007'");
  expect((await told(visit, "one <b>")).title).toBe("my build");
  expect((await shown(visit)).filter(({ body }) => body === "Bell")).toHaveLength(1);
  await visit.line("printf '\\033]777;notify;make;it is made\\033\\\\'");
  expect((await told(visit, "it is made")).title).toBe("make");
  await visit.line(`${process.env["AWP_BIN"]} notify 'by socket' --title 'a heading'`);
  expect((await told(visit, "by socket")).title).toBe("a heading");

  // A second process, and its end; a click shows it.
  await press(visit, "Enter");
  await shows(visit, [2], 2);
  await hasKeyboard(visit);
  await visit.line("exit 3");
  expect((await told(visit, "exit status 3")).title).toBe("bash");
  await page.locator("[role=tab]").first().click();
  await shows(visit, [1]);
  await page.evaluate(() => (window as unknown as Page).last.dispatchEvent(new Event("click")));
  await shows(visit, [2], 2);

  // A reload keeps the wish; taken back, it is silent again.
  await page.reload();
  await visit.until("the page", () => document.querySelector(".xterm") !== null);
  await choose(visit, "notify me no more");
  await visit.says("no more notifications");
  await look(visit, "hidden");
  await page.locator("[role=tab]").first().click();
  await hasKeyboard(visit);
  await visit.line("printf '\\033]9;nobody\\007'");
  await page.getByText("nobody", { exact: true }).waitFor();
  expect(await shown(visit)).toEqual([]);
  await visit.end();
  await server.stop();
});

test("a long command is told of, and a short one is not", async () => {
  const server = await Server.start({ flags: ["--no-auth"] });
  // Its clock can be put forward, so that nobody waits for it.
  const visit = await come(server.open, {
    before: () => {
      const now = performance.now.bind(performance);
      let ahead = 0;
      performance.now = () => now() + ahead;
      (window as unknown as { ahead(by: number): void }).ahead = (by) => {
        ahead += by;
      };
    },
  });
  const { page } = visit;
  await page.context().grantPermissions(["notifications"]);
  await page.evaluate(lookOn);
  await hasKeyboard(visit);
  await choose(visit, "notify me while");
  await visit.says("You will be told");
  await hasKeyboard(visit);
  await visit.line(`PS1='$ '; eval "$(${process.env["AWP_BIN"]} shell-integration bash)"`);
  await visit.line("true");
  await page.locator(".command-mark.ok").first().waitFor();
  await look(visit, "hidden");
  await visit.line("(exit 5)");
  await page.locator(".command-mark.failed").first().waitFor();
  await visit.line("read secret");
  await page.locator(".command-mark.running").first().waitFor();
  await page.evaluate(() => (window as unknown as { ahead(by: number): void }).ahead(72_000));
  await visit.line("swordfish");
  const { body } = await told(visit, "A command finished with exit status 0 after 1 min 12 s");
  expect(body).not.toMatch(/secret|swordfish/);
  expect(await shown(visit)).toHaveLength(1);
  await visit.end();
  await server.stop();
});

test("a browser that does not allow it is said plainly", async () => {
  const server = await Server.start({ flags: ["--no-auth"] });
  const visit = await come(server.open, { before: lookOn });
  await hasKeyboard(visit);
  await choose(visit, "notify me while");
  await visit.says("The browser does not allow notifications here");
  await press(visit, "Space");
  await visit.says("Notify me while this page is hidden");
  await visit.end();
  await server.stop();
});

test("where only workers may notify, the worker does, and its click leads there", async () => {
  const server = await Server.start({ flags: ["--no-auth"] });
  const visit = await come(server.open, {
    before: () => {
      // As on Android, where the constructor is there and refuses.
      window.Notification = new Proxy(window.Notification, {
        construct() {
          throw new TypeError("Illegal constructor");
        },
      });
    },
  });
  const { page } = visit;
  await page.context().grantPermissions(["notifications"]);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await hasKeyboard(visit);
  const bodies = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      return (await registration.getNotifications()).map(({ body }) => body);
    });
  await look(visit, "hidden");
  await visit.line("printf '\\033]9;not yet\\007'");
  await page.getByText("not yet", { exact: true }).waitFor();
  expect(await bodies()).toEqual([]);
  await look(visit, "visible");
  await choose(visit, "notify me while");
  await visit.says("You will be told");
  await hasKeyboard(visit);
  await look(visit, "hidden");
  await visit.line("printf '\\033]9;by the worker\\007'");
  await expect.poll(bodies).toEqual(["by the worker"]);

  await press(visit, "Enter");
  await shows(visit, [2], 2);
  const worker = page.context().serviceWorkers()[0];
  await worker?.evaluate(async () => {
    const scope = self as unknown as {
      registration: ServiceWorkerRegistration;
      dispatchEvent(event: Event): void;
    };
    const [notification] = await scope.registration.getNotifications();
    const Made = Reflect.get(self, "NotificationEvent");
    scope.dispatchEvent(new Made("notificationclick", { notification }));
  });
  await shows(visit, [1]);
  await expect.poll(bodies).toEqual([]);
  await visit.end();
  await server.stop();
});
