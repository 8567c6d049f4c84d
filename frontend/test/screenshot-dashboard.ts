// Shows the states of the overview and of a kiosk, at three sizes, light and dark:
// `AWP_BIN=... node test/run.mjs test/screenshot-dashboard.ts FOLDER`.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Server } from "./browser/server";
import { Visit, type VisitOptions } from "./browser/visit";

const SIZES = [
  { name: "phone", width: 390, height: 844, scale: 2, touch: true },
  { name: "tablet", width: 820, height: 1180, scale: 1, touch: true },
  { name: "desktop", width: 1280, height: 800, scale: 1, touch: false },
] as const;

/** What the sessions run: screens that differ. */
const SESSIONS = [
  {
    name: "build",
    command: [
      "bash",
      "-c",
      "for i in $(seq 40); do printf '\\e[32m   Compiling\\e[0m crate-%d v1.0.%d\\n' $i $i; done; exec sleep 1000",
    ],
  },
  {
    name: "colours",
    command: [
      "bash",
      "-c",
      "for r in $(seq 20); do for i in $(seq 0 39); do printf '\\e[48;5;%dm  ' $(( (r * 12 + i) % 256 )); done; printf '\\e[0m\\n'; done; exec sleep 1000",
    ],
  },
  { name: "top", command: ["top"] },
  { name: null, command: ["bash", "--norc"] },
  { name: "tests", command: ["bash", "-c", "echo 'test result: FAILED'; exit 3"] },
  { name: "killed", command: ["bash", "-c", "kill -9 $$"] },
  { name: "logs", command: ["cat"], mode: "pipe" },
];

async function call(server: Server, method: string, part: string, body?: unknown) {
  const headers = { "content-type": "application/json" };
  const text = body === undefined ? null : JSON.stringify(body);
  return fetch(`${server.url}api/v1/${part}`, { method, headers, body: text });
}

async function states(folder: string, colorScheme: "dark" | "light", size: (typeof SIZES)[number]) {
  const config = join(folder, "apps.toml");
  writeFileSync(
    config,
    "[app.top]\ncommand = ['top', '-d', '1']\n[app.shell]\ncommand = ['bash', '-l']\n",
  );
  const ui = process.env["AWP_UI_DIR"];
  const flags = ["--no-auth", "--config", config, ...(ui === undefined ? [] : ["--ui-dir", ui])];
  const server = await Server.start({ flags });
  for (const { name, ...more } of SESSIONS) {
    const body = name === null ? more : { ...more, name };
    await call(server, "POST", "sessions", { ...body, on_disconnect: "keep", cols: 80, rows: 24 });
  }
  const { name, ...window } = size;
  const options: VisitOptions = { ...window, colorScheme };
  const visit = await Visit.to(server.url, options);
  const shot = (state: string) =>
    visit.page.screenshot({ path: join(folder, `${state}-${name}-${colorScheme}.png`) });
  await visit.says("exit status 3");
  await visit.page.waitForLoadState("networkidle").catch(() => {});
  await shot("list");
  await visit.page.getByRole("button", { name: "New session" }).click();
  await visit.page.getByRole("dialog").waitFor();
  await shot("new");
  await visit.page.keyboard.press("Escape");
  await visit.page.getByRole("button", { name: "End build" }).click();
  await visit.says("about to be ended");
  await visit.page.getByRole("button", { name: "Rename top" }).click();
  await visit.page.keyboard.type("colours");
  await visit.page.keyboard.press("Enter");
  await visit.says("exists");
  await shot("undo-rename");
  await visit.page.keyboard.press("Escape");
  await visit.page.getByRole("searchbox").fill("nothing like this");
  await visit.says("no session matches");
  await shot("no-match");
  await visit.page.getByRole("searchbox").fill("");
  await server.stop();
  await visit.says("does not answer");
  await shot("gone");
  visit.faults.length = 0;
  await visit.end();
}

async function kiosk(folder: string, colorScheme: "dark" | "light", size: (typeof SIZES)[number]) {
  const server = await Server.start({ flags: ["--no-auth"], command: ["top", "-d", "1"] });
  const { name, ...window } = size;
  const visit = await Visit.to(`${server.url}kiosk/default`, { ...window, colorScheme });
  await visit.live();
  await visit.sees("PID");
  if (size.touch) await visit.page.getByRole("button", { name: "q", exact: true }).waitFor();
  await visit.page.screenshot({ path: join(folder, `kiosk-${name}-${colorScheme}.png`) });
  // A browser reports each try that nobody answers.
  visit.page.removeAllListeners("console");
  await server.stop();
  await visit.says("the connection is lost");
  await visit.page.screenshot({ path: join(folder, `kiosk-lost-${name}-${colorScheme}.png`) });
  await visit.end();
}

async function login(folder: string, colorScheme: "dark" | "light", size: (typeof SIZES)[number]) {
  const server = await Server.start();
  const { name, ...window } = size;
  const visit = await Visit.to(server.url, { ...window, colorScheme });
  await visit.says("not logged in");
  await visit.page.screenshot({ path: join(folder, `login-${name}-${colorScheme}.png`) });
  await visit.end();
  await server.stop();
}

const folder = process.argv[3] ?? "screenshots";
mkdirSync(folder, { recursive: true });
for (const size of SIZES) {
  for (const scheme of ["dark", "light"] as const) {
    await states(folder, scheme, size);
    await kiosk(folder, scheme, size);
    await login(folder, scheme, size);
  }
}
