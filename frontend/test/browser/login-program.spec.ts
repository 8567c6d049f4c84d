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

/** An application behind a login whose first grant is over at once, and later ones are not. */
function shortLogin(): string {
  const awp = process.env["AWP_BIN"] ?? "";
  const login = [
    "ttl=1h; [ $AWP_ROLE = login ] && ttl=1s",
    `printf "${SHOWN}, $AWP_ROLE: "; read -r user; [ $user = nobody ] && exit 1`,
    `${awp} session grant --subject "$user" --ttl $ttl`,
  ].join("; ");
  return [
    "[app.orders]",
    "command = ['sh', '-c', 'echo welcome $AWP_USER; exec cat']",
    "login = 'door'",
    "on_disconnect = 'keep=5m'",
    "[login.door]",
    `command = ['sh', '-c', '''${login}''']`,
  ].join("\n");
}

const hidden = (visit: Visit) =>
  visit.until("the application to be out of sight", () => {
    const panes = [...document.querySelectorAll<HTMLElement>("[data-pane='1']")];
    return panes.every((pane) => !pane.checkVisibility());
  });

test("a login that is over is asked for again, and the application comes back as it was", async () => {
  const server = await Server.start({ flags: ["--no-auth"], config: shortLogin() });
  const visit = await Visit.to(`${server.url}new/orders`);
  await visit.live();
  await visit.sees(`${SHOWN}, login:`);
  await visit.page.keyboard.type("alice\n");
  await visit.sees("welcome alice");
  const locked = (wanted: string) =>
    visit.until(
      wanted,
      (text) => {
        const { awp } = window as never as { awp: { panes(): { process: number }[] } };
        const index = awp.panes().findIndex(({ process }) => process === 0);
        const screen = window as never as { awp: { screenText(index: number): string[] } };
        return index >= 0 && screen.awp.screenText(index).join("\n").includes(text);
      },
      wanted,
    );
  await locked(`${SHOWN}, reauth:`);
  await hidden(visit);
  await accessible(visit, "a login program that runs again");
  // Who fails is told so, and may try again.
  await visit.page.keyboard.type("nobody\n");
  const again = visit.page.getByRole("button", { name: "Log in again" });
  await again.waitFor();
  await hidden(visit);
  await accessible(visit, "a session that is locked");
  const overview = await Visit.to(server.url);
  await overview.says("somebody has to log in to it");
  await overview.end();
  await again.click();
  await locked(`${SHOWN}, reauth:`);
  await visit.page.keyboard.type("alice\n");
  await visit.until("the keyboard in the application", () => {
    return document.activeElement?.closest("[data-pane='1'] .xterm") != null;
  });
  await visit.sees("welcome alice");
  await visit.page.keyboard.type("typed for the application\n");
  await visit.sees("typed for the application");
  expect(await visit.page.content()).not.toContain(SHOWN);
  expect(await visit.page.locator(".xterm").count()).toBe(1);
  await visit.end();
  await server.stop();
});

test("a visitor without a login is let in by the login program, and comes back", async () => {
  const awp = process.env["AWP_BIN"] ?? "";
  const login = `printf "${SHOWN}, user: "; read -r user; ${awp} session grant --subject "$user"`;
  const config = [
    "[app.shop]",
    "command = ['sh', '-c', 'echo welcome $AWP_USER; exec cat']",
    "access = 'login'",
    "login = 'door'",
    "[login.door]",
    `command = ['sh', '-c', '''${login}''']`,
  ].join("\n");
  const server = await Server.start({ config });
  for (const place of ["new", "kiosk"]) {
    const visit = await Visit.to(`${server.url}${place}/shop`);
    await visit.live();
    await visit.sees(`${SHOWN}, user:`);
    await visit.page.keyboard.type("alice\n");
    await visit.sees("welcome alice");
    await visit.page.keyboard.type("in the basket\n");
    await visit.sees("in the basket");
    // It is known again, and nothing else is.
    await visit.until("the way back", () => sessionStorage.getItem("awp.page-key") !== null);
    await visit.page.reload();
    await visit.live();
    await visit.sees("in the basket");
    const status = await visit.page.evaluate(async (base) => {
      return (await fetch(`${base}api/v1/apps`)).status;
    }, server.url);
    expect(status).toBeGreaterThanOrEqual(401);
    // The browser reports what was refused to the test itself.
    visit.faults.length = 0;
    await visit.end();
  }
  await server.stop();
});
