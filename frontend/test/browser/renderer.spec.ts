// The renderer of the graphics card: taken where there is one, given back when it is lost, and under
// the same policy.

import { afterAll, beforeAll, expect, test } from "vitest";
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
