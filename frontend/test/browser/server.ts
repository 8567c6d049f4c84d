// The real server, started on a free port in a state folder of its own.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** How a server is started. */
export interface ServerOptions {
  flags?: string[];
  command?: string[];
  /** Where it listens; any free port unless it is said. */
  listen?: string;
  /** The configuration file. */
  config?: string;
}

/** What is still running when the tests end. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill();
});

export class Server {
  /** The address it listens at, with a slash at its end. */
  readonly url: string;
  /** The address that it says to open. */
  readonly printed: string;
  /** The same for a page that starts a session, whether or not there are others. */
  readonly open: string;
  private readonly child: ChildProcess;
  private readonly folder: string;

  private constructor(child: ChildProcess, folder: string, url: string, open: string) {
    this.child = child;
    this.folder = folder;
    this.url = url;
    this.printed = open;
    this.open = `${url}new/default${new URL(open).hash}`;
  }

  /** Starts one and waits for its two lines. */
  static async start(options: ServerOptions = {}) {
    const { flags = [], command = ["bash", "--norc"], config, listen = "127.0.0.1:0" } = options;
    const binary = process.env["AWP_BIN"];
    if (binary === undefined) throw new Error("AWP_BIN names the binary to test");
    const folder = mkdtempSync(join(tmpdir(), "awp-page-"));
    if (config !== undefined) {
      mkdirSync(join(folder, "awp"), { mode: 0o700 });
      writeFileSync(join(folder, "awp", "awp.toml"), config, { mode: 0o600 });
    }
    const args = ["serve", "--listen", listen, ...flags, "--", ...command];
    const { AWP_BIN: _, ...inherited } = process.env;
    const env = {
      ...inherited,
      XDG_STATE_HOME: folder,
      XDG_RUNTIME_DIR: folder,
      XDG_CONFIG_HOME: folder,
      AWP_LOG_LEVEL: process.env["AWP_LOG_LEVEL"] ?? "warn",
      PS1: "$ ",
    };
    const child = spawn(binary, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    running.add(child);
    child.once("exit", () => running.delete(child));
    const said: Record<string, string> = {};
    for await (const line of createInterface({ input: child.stdout })) {
      const [word = "", address = ""] = line.replace("listening on", "listening").split(" ");
      said[word] = address;
      if (word === "open") break;
    }
    const { listening, open } = said;
    if (listening === undefined || open === undefined) throw new Error("the server did not start");
    return new Server(child, folder, listening, open);
  }

  /** Runs a verb of the command line on this server's users; what it prints. */
  verb(args: string[], input = ""): string {
    const env = { ...process.env, XDG_STATE_HOME: this.folder, XDG_RUNTIME_DIR: this.folder };
    return execFileSync(process.env["AWP_BIN"] ?? "awp", args, { env, input, encoding: "utf8" });
  }

  /** The owner's token. */
  token(): string {
    return readFileSync(this.state("token"), "utf8").trim();
  }

  /** Where it keeps this. */
  state(name: string): string {
    return join(this.folder, "awp", name);
  }

  async stop(): Promise<void> {
    const gone = once(this.child, "exit");
    this.child.kill("SIGTERM");
    this.child.kill("SIGTERM");
    if (this.child.exitCode === null && this.child.signalCode === null) await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
