// The page behind nginx, below a path: the recipe of docs/operate.md, as a person's browser meets it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { Server } from "./server";
import { Visit } from "./visit";

const OPERATE = readFileSync(resolve(import.meta.dirname, "../../../docs/operate.md"), "utf8");

let nginx: ChildProcess;
let folder: string;
let server: Server;
let home: string;

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  listener.close();
  await once(listener, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Waits until something listens there. */
async function listening(port: number): Promise<void> {
  for (;;) {
    if (nginx.exitCode !== null) throw new Error(readFileSync(join(folder, "error"), "utf8"));
    const socket = connect(port, "127.0.0.1");
    const there = await new Promise<boolean>((done) => {
      socket.once("connect", () => done(true)).once("error", () => done(false));
    });
    socket.destroy();
    if (there) return;
  }
}

beforeAll(async () => {
  const port = await freePort();
  server = await Server.start({ flags: ["--base-path", "/term"] });
  folder = mkdtempSync(join(tmpdir(), "awp-nginx-"));
  const recipe = (OPERATE.split("```nginx\n")[1] ?? "").split("```")[0] ?? "";
  const lines = recipe.split("\n").filter((line) => !line.includes("ssl_certificate"));
  const site = lines
    .join("\n")
    .replace("443 ssl", `127.0.0.1:${port}`)
    .replace("127.0.0.1:7681", new URL(server.url).host);
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const text = `${user} daemon off; master_process off; pid ${folder}/pid; events {}
    http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
    ${site} }`;
  writeFileSync(join(folder, "nginx.conf"), text);
  const flags = ["-c", join(folder, "nginx.conf"), "-p", folder, "-e", join(folder, "error")];
  nginx = spawn("nginx", flags, { stdio: "ignore" });
  await listening(port);
  home = `http://127.0.0.1:${port}/term/`;
});

afterAll(async () => {
  const gone = once(nginx, "exit");
  nginx.kill();
  await gone;
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a terminal works below a path of nginx, and after a reload", async () => {
  const visit = await Visit.to(`${home}new/default${new URL(server.open).hash}`);
  await visit.live();
  await visit.line("echo $((6 * 7))-below");
  await visit.sees("42-below");
  await visit.page.reload();
  await visit.live();
  await visit.sees("42-below");
  await visit.end();
});
