// The page as an app of its own: what installing needs, a page while there is no server, a newer one.

import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { create } from "./api";
import { ownPage, renew } from "./own-page";
import { Server } from "./server";
import { Visit } from "./visit";

/** Waits until the page is kept and its worker has taken it over. */
async function kept(visit: Visit): Promise<void> {
  await visit.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
}

test("the page can be installed, below a path as well", async () => {
  for (const base of ["", "/tools/term"]) {
    const flags = ["--no-auth", ...(base === "" ? [] : ["--base-path", base])];
    const server = await Server.start({ flags });
    const visit = await Visit.to(server.open);
    await visit.live();
    await kept(visit);
    const home = new URL(server.url);
    const scope = await visit.page.evaluate(async () => {
      return (await navigator.serviceWorker.getRegistration())?.scope;
    });
    expect(scope).toBe(home.href);
    const link = await visit.page.locator("link[rel=manifest]").getAttribute("href");
    const address = new URL(link ?? "", home);
    const answer = await fetch(address);
    expect(answer.headers.get("content-type")).toBe("application/manifest+json");
    const manifest = (await answer.json()) as {
      start_url: string;
      scope: string;
      display: string;
      icons: { src: string; sizes: string }[];
    };
    expect(new URL(manifest.start_url, address).href).toBe(home.href);
    expect(new URL(manifest.scope, address).href).toBe(home.href);
    expect(manifest.display).toBe("standalone");
    expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(["192x192", "512x512", "512x512"]);
    for (const { src, sizes } of manifest.icons) {
      const icon = await fetch(new URL(src, address));
      expect(icon.headers.get("content-type")).toBe("image/png");
      const bytes = Buffer.from(await icon.arrayBuffer());
      // The size stands in the head of the picture.
      expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`).toBe(sizes);
    }
    await visit.end();
    await server.stop();
  }
});

test("without a server the page opens and says so, and keeps nothing the server told", async () => {
  const server = await Server.start({ flags: ["--no-auth"] });
  await create(server, { name: "secret-name", command: ["cat"] });
  const visit = await Visit.to(server.url);
  await visit.page.getByRole("link", { name: "secret-name" }).waitFor();
  await kept(visit);
  const paths = await visit.page.evaluate(async () => {
    const all: string[] = [];
    for (const name of await caches.keys()) {
      const requests = await (await caches.open(name)).keys();
      all.push(...requests.map(({ url }) => new URL(url).pathname));
    }
    return all;
  });
  expect(paths).toContain("/");
  expect(paths.some((path) => path.endsWith(".css"))).toBe(true);
  expect(paths.filter((path) => path !== "/" && !path.startsWith("/assets/"))).toEqual([]);
  await server.stop();
  await visit.page.reload();
  await visit.says("the server does not answer");
  expect(await visit.page.getByText("secret-name").count()).toBe(0);
  const again = await Server.start({ flags: ["--no-auth"], listen: new URL(server.url).host });
  await create(again, { name: "back", command: ["cat"] });
  await visit.page.getByRole("link", { name: "back" }).waitFor();
  // A browser reports a page that it asked for in vain.
  visit.faults.length = 0;
  await visit.end();
  await again.stop();
});

test("a newer page is offered, and comes when it is asked for", async () => {
  const folder = await ownPage();
  const server = await Server.start({ flags: ["--no-auth", "--ui-dir", folder] });
  const visit = await Visit.to(server.open);
  await visit.live();
  await kept(visit);
  const { session } = await visit.pane();
  renew(folder);
  await visit.page.evaluate(async () => {
    await (await navigator.serviceWorker.getRegistration())?.update();
  });
  await visit.says("there is a newer version");
  await visit.line("echo still ''typing");
  await visit.page.evaluate(() => Object.assign(window, { old: true }));
  await visit.page.getByRole("button", { name: "Load it" }).click();
  await visit.until("another page", () => !("old" in window));
  await visit.live();
  expect((await visit.pane()).session).toBe(session);
  const names = await visit.page.evaluate(() => caches.keys());
  expect(names).toEqual(["awp / newer"]);
  await visit.end();
  await server.stop();
  rmSync(folder, { recursive: true });
});
