// What a person does to a session beyond its socket: more processes, fewer, another name, its end.

import { ask } from "./ask";
import { errorCode, pageKey } from "./credentials";
import { apiPath } from "./route";

async function call(
  method: "POST" | "PATCH" | "DELETE",
  session: string,
  part: string,
  body?: object,
): Promise<{ status: number; body: string }> {
  const key = pageKey();
  const headers: Record<string, string> = key === null ? {} : { "x-awp-page-key": key };
  if (body !== undefined) headers["content-type"] = "application/json";
  const path = apiPath(`sessions/${encodeURIComponent(session)}${part}`);
  return ask({
    path,
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Starts another process beside one; its number, or null if the server would not. */
export async function startProcess(session: string, beside: number): Promise<number | null> {
  const { status, body } = await call("POST", session, "/processes", { beside });
  return status === 201 ? (JSON.parse(body) as { process: number }).process : null;
}

/** Ends a process. */
export async function endProcess(session: string, process: number): Promise<boolean> {
  return (await call("DELETE", session, `/processes/${process}`)).status === 204;
}

/** Gives the session a name, or with none takes it away. */
export async function renameSession(session: string, name: string | null): Promise<boolean> {
  return (await call("PATCH", session, "", { name })).status === 204;
}

/** Answers what a program asks; false where nobody waits for it any more. */
export async function answerAsk(session: string, ask: number, answer: object): Promise<boolean> {
  return (await call("POST", session, `/asks/${ask}`, answer)).status === 204;
}

/** Ends the session. What another person made asks for a proof. */
export async function endSession(session: string): Promise<boolean | "prove"> {
  const { status, body } = await call("DELETE", session, "");
  return errorCode(body) === "fresh_login_needed" ? "prove" : status === 204;
}
