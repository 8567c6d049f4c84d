// A login program in the page: its terminal first, then the application's, and nothing of the first
// in the second.

import { expect, test } from "vitest";
import { accessible } from "./desk";
import { Server } from "./server";
import { Visit } from "./visit";

const SHOWN = "only for whoever logs in";

test("the login program is shown first, and the application in its place", async () => {
  const awp = process.env["AWP_BIN"] ?? "";
  const login = `printf "${SHOWN}, user: "; read -r user; ${awp} session grant --subject "$user"`;
  const config = [
    "[app.orders]",
    "command = ['sh', '-c', 'echo welcome $AWP_USER; exec cat']",
    "login = 'door'",
    "[login.door]",
    `command = ['sh', '-c', '''${login}''']`,
  ].join("\n");
  const server = await Server.start({ flags: ["--no-auth"], config });
  const visit = await Visit.to(`${server.url}new/orders`);
  await visit.live();
  await visit.sees(`${SHOWN}, user:`);
  await accessible(visit, "a login program");
  await visit.page.keyboard.type("alice\n");
  await visit.sees("welcome alice");
  const shown = await visit.pane();
  expect(shown).toMatchObject({ process: 1, state: "live", focused: true });
  expect(await visit.page.locator(".xterm").count()).toBe(1);
  await visit.page.keyboard.type("typed for the application\n");
  await visit.sees("typed for the application");
  expect(await visit.page.content()).not.toContain(SHOWN);
  await visit.end();
  await server.stop();
});

test("who is not let in is told that it is over", async () => {
  const config = [
    "[app.orders]",
    "command = ['cat']",
    "login = 'door'",
    "[login.door]",
    "command = ['sh', '-c', 'read -r user; echo unknown user; exit 1']",
  ].join("\n");
  const server = await Server.start({ flags: ["--no-auth"], config });
  const visit = await Visit.to(`${server.url}new/orders`);
  await visit.live();
  await visit.page.keyboard.type("mallory\n");
  await visit.sees("unknown user");
  await visit.until("the end", () => {
    const { awp } = window as never as { awp: { panes(): { state: string }[] } };
    return awp.panes().every(({ state }) => state === "ended");
  });
  await visit.end();
  await server.stop();
});
