// Recordings, as the API has them.

import { ask } from "../ask";
import type { Answer } from "../asker";
import { credentials, errorCode } from "../credentials";
import { apiPath } from "../route";

/** A recording, as the list tells of it. Times are seconds since 1970. */
export interface Listed {
  id: string;
  app: string;
  bytes: number;
  begun: number;
  until: number | null;
  /** Whether it is still being made. */
  live: boolean;
}

/** Why there is no answer that helps. */
export type Refusal = "login" | "prove" | "forbidden" | "missing" | "busy" | "unreachable";

function path(id: string): string {
  return apiPath(`recordings/${encodeURIComponent(id)}`);
}

function refusal(status: number, body: string): Refusal {
  if (status === 0) return "unreachable";
  if (status === 401) return "login";
  if (status === 404) return "missing";
  if (status === 409) return "busy";
  return errorCode(body) === "fresh_login_needed" ? "prove" : "forbidden";
}

/** All of them, the newest first. */
export async function list(): Promise<readonly Listed[] | Refusal> {
  const headers = credentials();
  return listOf(await ask({ path: apiPath("recordings"), method: "GET", headers }));
}

/** What an answer says of them. */
export function listOf({ status, body }: Answer): readonly Listed[] | Refusal {
  return status === 200 ? (JSON.parse(body) as Listed[]) : refusal(status, body);
}

/** One, as it was written. */
export async function read(id: string): Promise<ArrayBuffer | Refusal> {
  const headers = credentials();
  const answer = await ask({ path: path(id), method: "GET", headers, binary: true });
  const { status, bytes } = answer;
  if (bytes === null) return "unreachable";
  return status === 200 ? bytes : refusal(status, new TextDecoder().decode(bytes));
}

/** Deletes one. What is gone already is deleted. */
export async function remove(id: string): Promise<"done" | Refusal> {
  const headers = credentials();
  const { status, body } = await ask({ path: path(id), method: "DELETE", headers });
  return status === 204 || status === 404 ? "done" : refusal(status, body);
}
