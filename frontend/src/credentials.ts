// Who the person is to the server: launch codes, tokens, and the page key that a login gives.
// A cookie carries the login; the page key, kept per tab, proves that it is this page that asks.

import { ask } from "./ask";
import { apiPath } from "./route";

const PAGE_KEY = "awp.page-key";
const PLACE = "awp.place";

/** How the page's address ends when somebody comes back from the provider of logins. */
const BACK = "#oidc";

/** What became of a login. */
export type Login = "in" | "refused" | "limited" | "unreachable";

/** What became of a name and a password: a second device may be asked for its code. */
export type Shown = Login | "code" | "otherCode";

/** What the server's refusal asks for. */
const ASKED: Readonly<Record<string, Shown>> = { code_needed: "code", wrong_code: "otherCode" };

/** The code of a refusal; empty where the answer is not one of the server's own. */
export function errorCode(body: string): string {
  try {
    return (JSON.parse(body) as { error?: { code?: string } }).error?.code ?? "";
  } catch {
    return "";
  }
}

/** The page key of this tab's login. */
export function pageKey(): string | null {
  return sessionStorage.getItem(PAGE_KEY);
}

/** What proves a person. */
export type Proof =
  | { launch: string }
  | { share: string }
  /** Somebody has come back from the provider of logins: a cookie tells the rest. */
  | { provider: true }
  | { token: string }
  | { user: string; password: string; code?: string };

/** Keeps where the page is, for when somebody comes back from the provider of logins. */
export function keepPlace(): void {
  sessionStorage.setItem(PLACE, location.pathname + location.search);
}

/** Takes the secret out of the address, so that neither history nor a glance keeps it. */
export function takeProof(): Proof | null {
  const brought = new URLSearchParams(location.hash.slice(1));
  const launch = brought.get("launch");
  const share = brought.get("share");
  if (location.hash === BACK) {
    history.replaceState(null, "", sessionStorage.getItem(PLACE) ?? location.pathname);
    return { provider: true };
  }
  if (launch === null && share === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return launch !== null ? { launch } : { share: share ?? "" };
}

/** Logs in, by what no code is asked for beside it. */
export async function login(shown: Proof): Promise<Login> {
  const told = await show(shown);
  return told === "code" || told === "otherCode" ? "refused" : told;
}

/** Logs in. */
export async function show(shown: Proof): Promise<Shown> {
  const { status, body } = await ask({
    path: apiPath("provider" in shown ? "oidc/login" : "login"),
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(shown),
  });
  if (status === 0) return "unreachable";
  if (status === 429) return "limited";
  if (status !== 200) return ASKED[errorCode(body)] ?? "refused";
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
