// A page of the test's own, served from a folder, so that another build of it can come.

import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

let built: Promise<string> | null = null;

/** Bundles the page as a release has it: by a process that does not take itself for a test. */
async function build(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "awp-built-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const root = join(import.meta.dirname, "../..");
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const given = ["build", "--outDir", folder, "--emptyOutDir", "--logLevel", "error"];
  const env = { ...process.env, NODE_ENV: "production" };
  await promisify(execFile)(process.execPath, [vite, ...given], { cwd: root, env });
  return folder;
}

/** A folder with the page, to be changed and removed by who asked for it. */
export async function ownPage(): Promise<string> {
  built ??= build();
  const folder = mkdtempSync(join(tmpdir(), "awp-page-files-"));
  cpSync(await built, folder, { recursive: true });
  return folder;
}

/** Puts another build into the folder: other files, and so another worker. */
export function renew(folder: string): void {
  const worker = join(folder, "sw.js");
  writeFileSync(worker, readFileSync(worker, "utf8").replace(/BUILD="\w+"/, 'BUILD="newer"'));
  for (const file of readdirSync(folder)) {
    if (/^sw\.js\./.test(file)) rmSync(join(folder, file));
  }
}
