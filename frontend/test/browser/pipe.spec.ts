// A program on pipes in the page.

import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./desk";
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

test("lines are found again, outputs merged, JSON unfolded", async () => {
  const visit = await Visit.to(server.open);
  const { page } = visit;
  const input = page.getByRole("textbox", { name: /input/i });
  const stdout = page.getByRole("region", { name: "stdout" });
  for (const line of ["one", '{"a":[1,2]}']) {
    await input.fill(line);
    await input.press("Enter");
    await visit.says(`saw ${line}`);
  }
  await input.fill("draft");
  await input.press("ArrowUp");
  await input.press("ArrowUp");
  expect(await input.inputValue()).toBe("one");
  await input.press("ArrowDown");
  await input.press("ArrowDown");
  expect(await input.inputValue()).toBe("draft");
  await visit.says("3 lines");
  await accessible(visit, "pipes");
  await page.getByRole("button", { name: "Merge outputs" }).click();
  const merged = page.getByRole("region", { name: "stdout and errors" });
  await merged.waitFor();
  expect(await stdout.count()).toBe(1);
  const rail = await merged.locator(".stderr").allTextContents();
  expect(rail.join("")).toBe('careful\nsaw one\nsaw {"a":[1,2]}\n');
  await accessible(visit, "merged pipes");
  await visit.end();

  const json = `echo '{"level":"info","port":8080}'; echo '{"open'; echo '[]'; cat`;
  const flags = ["--no-auth", "--mode", "pipe"];
  const other = await Server.start({ flags, command: ["bash", "-c", json] });
  const second = await Visit.to(other.open);
  await second.says('{"open');
  const folds = second.page.locator(".text details");
  await folds.first().locator("summary").click();
  expect(await folds.count()).toBe(1);
  await expect
    .poll(() => folds.first().locator("pre").textContent(), { timeout: 10_000 })
    .toBe('{\n  "level": "info",\n  "port": 8080\n}');
  await second.end();
  await other.stop();
});
