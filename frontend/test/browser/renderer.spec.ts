// The renderer of the graphics card: taken where there is one, given back when it is lost, and under
// the same policy.

import { afterAll, beforeAll, expect, test } from "vitest";
import { come, hasKeyboard, panes, press } from "./desk";
import { Server } from "./server";
import { Visit } from "./visit";

/** A card that is a program says that it is none. */
function pretend(): void {
  const real = WebGL2RenderingContext.prototype.getParameter;
  WebGL2RenderingContext.prototype.getParameter = function (name: number): unknown {
    const answer = real.call(this, name);
    return typeof answer === "string" ? answer.replace(/swiftshader/gi, "card") : answer;
  };
}

let server: Server;
beforeAll(async () => {
  server = await Server.start({ flags: ["--no-auth"] });
});
afterAll(() => server.stop());

test("a card draws the terminal, and its loss is survived", async () => {
  const flags = ["--enable-unsafe-swiftshader"];
  const visit = await Visit.to(server.open, { before: pretend, flags });
  await visit.live();
  const drawnBy = (renderer: string) =>
    visit.until(
      `drawn by ${renderer}`,
      (wanted) => {
        const { awp } = window as never as { awp: { panes(): { renderer: string }[] } };
        return awp.panes()[0]?.renderer === wanted;
      },
      renderer,
    );
  await drawnBy("webgl");
  await visit.line("printf '\\033[38;2;1;200;3mgreen\\n'");
  await visit.sees("green");
  await visit.page.evaluate(() => {
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>(".xterm canvas")) {
      canvas.getContext("webgl2")?.getExtension("WEBGL_lose_context")?.loseContext();
    }
  });
  await drawnBy("dom");
  await visit.line("echo af''ter");
  await visit.sees("after");
  // The driver and the addon remark on what was done to them; the page has no fault.
  const faults = visit.faults.filter((fault) => !/GL Driver|webgl|WebGL/.test(fault));
  expect(faults).toEqual([]);
  visit.faults.length = 0;
  await visit.end();
});

test("a card that is a program is left alone", async () => {
  const visit = await Visit.to(server.open, { flags: ["--enable-unsafe-swiftshader"] });
  await visit.live();
  await visit.line("echo so''ft");
  await visit.sees("soft");
  expect((await visit.pane()).renderer).toBe("dom");
  visit.faults.splice(0, visit.faults.length, ...visit.faults.filter((f) => !/WebGL/.test(f)));
  await visit.end();
});

test("at most six terminals hold the card, and none is taken away", async () => {
  const flags = ["--enable-unsafe-swiftshader"];
  const visit = await come(server.open, { before: pretend, flags });
  await hasKeyboard(visit);
  await visit.page.evaluate(() => {
    Object.assign(window, { taken: 0 });
    const reach = window as never as { taken: number };
    const { prototype } = WebGL2RenderingContext;
    const real = prototype.getExtension as (name: string) => unknown;
    const given = new WeakSet<object>();
    const getExtension = function (this: WebGL2RenderingContext, name: string): unknown {
      if (name === "WEBGL_lose_context") given.add(this.canvas);
      return real.call(this, name);
    };
    Object.assign(prototype, { getExtension });
    const lost = ({ target }: Event) => {
      if (target !== null && !given.has(target)) reach.taken += 1;
    };
    addEventListener("webglcontextlost", lost, { capture: true });
  });
  const cards = async () => {
    const all = await panes(visit);
    return all.filter(({ renderer }) => renderer === "webgl").length;
  };
  for (let pane = 2; pane <= 8; pane++) {
    await press(visit, pane % 2 === 0 ? "D" : "E");
    await expect.poll(async () => (await panes(visit)).length, { timeout: 20_000 }).toBe(pane);
  }
  await expect.poll(cards, { timeout: 20_000 }).toBe(6);
  // A tab that comes to the front gets what those behind it give back.
  await press(visit, "Enter");
  await expect
    .poll(async () => (await panes(visit))[8]?.renderer, { timeout: 20_000 })
    .toBe("webgl");
  expect(await cards()).toBe(1);
  expect(await visit.page.evaluate(() => (window as never as { taken: number }).taken)).toBe(0);
  visit.faults.splice(
    0,
    visit.faults.length,
    ...visit.faults.filter((fault) => !/GL Driver|webgl|WebGL/.test(fault)),
  );
  await visit.end();
});
