// A program on pipes in the page.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Server } from "./server";
import { Visit } from "./visit";

const PROGRAM = `
echo ready; echo careful >&2
while read -r line; do echo "got $line"; echo "saw $line" >&2; done
echo over; exit 4`;

let server: Server;
beforeAll(async () => {
  server = await Server.start({
    flags: ["--no-auth", "--mode", "pipe"],
    command: ["bash", "-c", PROGRAM],
  });
});
afterAll(() => server.stop());

test("stdout and stderr are told apart, lines go in, the end is told", async () => {
  const visit = await Visit.to(server.open);
  const stdout = visit.page.getByRole("region", { name: "stdout" });
  const stderr = visit.page.getByRole("region", { name: "stderr" });
  const text = (of: typeof stdout) => async () => (await of.textContent()) ?? "";
  await expect.poll(text(stdout), { timeout: 30_000 }).toBe("ready\n");
  await expect.poll(text(stderr), { timeout: 30_000 }).toBe("careful\n");
  await visit.page.getByRole("textbox", { name: /input/i }).fill("one <i>line");
  await visit.page.keyboard.press("Enter");
  await expect.poll(text(stdout), { timeout: 30_000 }).toBe("ready\ngot one <i>line\n");
  await expect.poll(text(stderr), { timeout: 30_000 }).toBe("careful\nsaw one <i>line\n");
  await visit.page.getByRole("button", { name: /end/i }).click();
  await visit.says("exit status 4");
  expect(await stdout.textContent()).toContain("over\n");
  await visit.end();
});
