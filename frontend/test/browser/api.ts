// The API of a server that asks for no credentials, without a page.

import type { Listed } from "../../src/dashboard/session";
import type { Server } from "./server";

async function call(server: Server, method: string, part: string, body?: unknown) {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  const text = body === undefined ? null : JSON.stringify(body);
  const answer = await fetch(`${server.url}api/v1/${part}`, { method, headers, body: text });
  if (!answer.ok) throw new Error(`${method} ${part}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** All sessions. */
export async function sessions(server: Server): Promise<Listed[]> {
  return (await call(server, "GET", "sessions")).json() as Promise<Listed[]>;
}

/** Makes one that lives until it is ended. */
export async function create(server: Server, body: object): Promise<Listed> {
  const made = await call(server, "POST", "sessions", { on_disconnect: "keep", ...body });
  return made.json() as Promise<Listed>;
}

/** Ends one. */
export async function end(server: Server, id: string): Promise<void> {
  await call(server, "DELETE", `sessions/${id}`);
}

/** Ends all there are. */
export async function endAll(server: Server): Promise<void> {
  for (const { id } of await sessions(server)) await end(server, id);
}

/** Types into one. */
export async function type(server: Server, id: string, text: string): Promise<void> {
  const path = `${server.url}api/v1/sessions/${id}/input`;
  const answer = await fetch(path, { method: "POST", body: text });
  if (!answer.ok) throw new Error(`input: ${answer.status} ${await answer.text()}`);
}
