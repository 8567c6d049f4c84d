// The states of recordings: their list, one that is played, and what is said where there is none.

import { mkdirSync, writeFileSync } from "node:fs";
import { Server } from "../browser/server";
import { type Looked, visitTo } from "./look";

const DAY = 86_400;

/** A build that somebody marked, as an asciicast of the third version. */
function build(begun: number): string {
  const lines = Array.from({ length: 40 }, (_, index) => {
    const text = `\u001b[32m   Compiling\u001b[m part-${index} v0.${index}.1\r\n`;
    return JSON.stringify([0.2, "o", text]);
  });
  const head = { version: 3, term: { cols: 80, rows: 24 }, timestamp: begun, title: "build" };
  const mark = JSON.stringify([0, "m", "tests begin"]);
  const end = JSON.stringify([0.1, "o", "\u001b[1;31merror\u001b[m: two tests failed\r\n"]);
  return [JSON.stringify(head), `# keep until ${begun + 30 * DAY}`, ...lines, mark, end, ""].join(
    "\n",
  );
}

export async function recordings(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"] });
  const none = await visitTo(looked, `${server.url}recordings`);
  await none.page.locator(".dash-empty h2").waitFor();
  await looked.look(none, "recordings-none");
  await none.end();
  mkdirSync(server.state("recordings"), { mode: 0o700, recursive: true });
  for (const [index, id] of ["r-0123456789ab", "r-0123456789ac", "r-0123456789ad"].entries()) {
    writeFileSync(server.state(`recordings/${id}.cast`), build(1_700_000_000 + index * 40_000));
  }
  writeFileSync(server.state("recordings/r-0123456789ae.cast"), "no recording\n");
  const visit = await visitTo(looked, `${server.url}recordings`);
  const { page } = visit;
  await page.locator(".rec-row").nth(3).waitFor();
  await page.locator(".rec-row button").first().click();
  await looked.look(visit, "recordings");
  await page.goto(`${server.url}recordings/r-0123456789ab`);
  await page.locator(".rec-controls .main").click();
  await page.locator(".rec-marks button").click();
  await visit.sees("part-39");
  await looked.look(visit, "recording");
  await page.goto(`${server.url}recordings/r-0123456789ae`);
  await page.locator("[role=alert]").waitFor();
  await looked.look(visit, "recording-broken");
  await page.goto(`${server.url}recordings/r-000000000000`);
  await page.locator("[role=alert]").waitFor();
  await looked.look(visit, "recording-missing");
  await visit.end();
  await server.stop();
}
