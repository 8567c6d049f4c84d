// The states of a session that is locked until whom it is for has logged in again.

import { Server } from "../browser/server";
import { type Looked, visitTo } from "./look";

/** The first grant is over at once; whoever is nobody fails. */
function config(): string {
  const awp = process.env["AWP_BIN"] ?? "";
  const login = [
    'printf "Orders\\n\\n"; [ $AWP_ROLE = reauth ] && echo "$AWP_USER, please log in again."',
    'printf "User: "; read -r user; [ $user = nobody ] && exit 1',
    `${awp} session grant --subject "$user" --ttl 1s`,
  ].join("; ");
  const app = "ls /usr; exec cat";
  return [
    "[app.orders]",
    `command = ['sh', '-c', '${app}']`,
    "login = 'door'",
    "[login.door]",
    `command = ['sh', '-c', '''${login}''']`,
  ].join("\n");
}

/** Asked for the login again, and not let in. */
export async function loginAgain(looked: Looked): Promise<void> {
  const server = await Server.start({ flags: ["--no-auth"], config: config() });
  const visit = await visitTo(looked, `${server.url}new/orders`);
  await visit.live();
  await visit.sees("User:");
  await visit.page.keyboard.type("alice\n");
  await visit.until("the login program", () => {
    const shown = document.querySelector("[data-pane='0']");
    return shown?.checkVisibility() === true && shown.textContent.includes("log in again");
  });
  await looked.look(visit, "login-again");
  await visit.page.keyboard.type("nobody\n");
  await visit.page
    .getByRole("button")
    .filter({ hasText: /Log in again|anmelden/ })
    .waitFor();
  await looked.look(visit, "locked");
  await visit.end();
  await server.stop();
}
