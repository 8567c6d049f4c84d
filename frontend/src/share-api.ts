// Links to a session for somebody without a login, as the API has them.

import { ask } from "./ask";
import { credentials, errorCode } from "./credentials";
import { apiPath } from "./route";

/** A link that there is. Its secret was told once, when it was made. */
export interface ShareLink {
  id: string;
  write: boolean;
  once: boolean;
  uses: number;
  creator: string;
  /** Seconds since 1970. */
  expires: number;
}

/** What a link is to be. */
export interface Wanted {
  write: boolean;
  /** How long, as a duration of the API: `1h`. */
  expires: string;
  once: boolean;
}

function path(session: string): string {
  return apiPath(`sessions/${encodeURIComponent(session)}/share`);
}

/** The links of a session; `null` if the server does not tell. */
export async function listLinks(session: string): Promise<ShareLink[] | null> {
  const headers = credentials();
  const { status, body } = await ask({ path: path(session), method: "GET", headers });
  return status === 200 ? (JSON.parse(body) as ShareLink[]) : null;
}

/** Makes a link: its address, why not, if the person can change that, or `null`. */
export async function makeLink(
  session: string,
  wanted: Wanted,
): Promise<{ url: string } | "prove" | null> {
  const { status, body } = await ask({
    path: path(session),
    method: "POST",
    headers: { ...credentials(), "content-type": "application/json" },
    body: JSON.stringify(wanted),
  });
  if (status === 201) return JSON.parse(body) as { url: string };
  return errorCode(body) === "fresh_login_needed" ? "prove" : null;
}

/** Revokes one. A link that is gone already is no failure. */
export async function revokeLink(id: string): Promise<boolean> {
  const { status } = await ask({
    path: apiPath(`shares/${encodeURIComponent(id)}`),
    method: "DELETE",
    headers: credentials(),
  });
  return status === 204 || status === 404;
}
