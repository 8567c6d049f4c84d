// Who the person is to the server: launch codes, tokens, and the page key that a login gives.
// A cookie carries the login; the page key, kept per tab, proves that it is this page that asks.

import { ask } from "./ask";
import { apiPath } from "./route";

const PAGE_KEY = "awp.page-key";

/** What became of a login. */
export type Login = "in" | "refused" | "limited" | "unreachable";

/** The page key of this tab's login. */
export function pageKey(): string | null {
  return sessionStorage.getItem(PAGE_KEY);
}

/** What proves a person. */
export type Proof =
  | { launch: string }
  | { share: string }
  | { token: string }
  | { user: string; password: string };

/** Takes the secret out of the address, so that neither history nor a glance keeps it. */
export function takeProof(): Proof | null {
  const brought = new URLSearchParams(location.hash.slice(1));
  const launch = brought.get("launch");
  const share = brought.get("share");
  if (launch === null && share === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return launch !== null ? { launch } : { share: share ?? "" };
}

/** Logs in. */
export async function login(shown: Proof): Promise<Login> {
  const { status, body } = await ask({
    path: apiPath("login"),
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(shown),
  });
  if (status === 0) return "unreachable";
  if (status === 429) return "limited";
  if (status !== 200) return "refused";
  const { page_key } = JSON.parse(body) as { page_key: string };
  sessionStorage.setItem(PAGE_KEY, page_key);
  return "in";
}

/** The headers that prove to the server that it is this page that asks. */
export function credentials(): Record<string, string> {
  const key = pageKey();
  return key === null ? {} : { "x-awp-page-key": key };
}

/** Asks for something small with the credentials of this tab; the answer's status. */
export async function probe(part: string): Promise<number> {
  return (await ask({ path: apiPath(part), method: "GET", headers: credentials() })).status;
}
