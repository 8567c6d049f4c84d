// What the overview asks of the server.

import { ask } from "../ask";
import type { Answer, Question } from "../asker";
import { credentials, errorCode } from "../credentials";
import { apiPath } from "../route";
import { say } from "../strings";
import type { Listed, ListedApp } from "./session";

type Method = Question["method"];

function call(method: Method, part: string, more: Partial<Question> = {}): Promise<Answer> {
  const headers = { ...credentials(), ...more.headers };
  return ask({ ...more, path: apiPath(part), method, headers });
}

/** Without a tag nothing is known yet. */
function unless(tag: string | null): { headers: Record<string, string> } {
  return { headers: tag === null ? {} : { "if-none-match": tag } };
}

function sessionPart(id: string): string {
  return `sessions/${encodeURIComponent(id)}`;
}

/** The sessions, unless they are still those of this tag. */
export function askSessions(tag: string | null): Promise<Answer> {
  return call("GET", "sessions", unless(tag));
}

/** The digest of a session's screen, unless it is still that of this tag. */
export function askThumbnail(id: string, tag: string | null): Promise<Answer> {
  return call("GET", `${sessionPart(id)}/thumbnail`, { ...unless(tag), binary: true });
}

/** The apps of which this person may make sessions; `null` if that cannot be told. */
export async function askApps(): Promise<ListedApp[] | "forbidden" | null> {
  const { status, body } = await call("GET", "apps");
  if (status === 403) return "forbidden";
  return status === 200 ? (JSON.parse(body) as ListedApp[]) : null;
}

/** How many recordings there are that this person may see. */
export async function askRecordings(): Promise<number> {
  const { status, body } = await call("GET", "recordings");
  return status === 200 ? (JSON.parse(body) as unknown[]).length : 0;
}

/** What came of a change: nothing to say, or why not. */
export type Change<Made = undefined> = { made: Made } | { refused: string };

function json(body: unknown): Partial<Question> {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function refusal({ status, body }: Answer): { refused: string } {
  if (status === 0) return { refused: say("toast.unreachable") };
  try {
    const { error } = JSON.parse(body) as { error: { message: string } };
    return { refused: error.message };
  } catch {
    return { refused: `${status}` };
  }
}

/** Makes a session. */
export async function create(app: string, name: string): Promise<Change<Listed>> {
  const body = name === "" ? { app } : { app, name };
  const answer = await call("POST", "sessions", json(body));
  return answer.status === 201 ? { made: JSON.parse(answer.body) as Listed } : refusal(answer);
}

/** Gives it another name; an empty one is none. */
export async function rename(id: string, name: string): Promise<Change> {
  const body = { name: name === "" ? null : name };
  const answer = await call("PATCH", sessionPart(id), json(body));
  return answer.status === 204 ? { made: undefined } : refusal(answer);
}

/** Ends it. One that is gone already has ended as well. What another person made asks for a proof. */
export async function end(id: string): Promise<Change | "prove"> {
  const answer = await call("DELETE", sessionPart(id));
  if (errorCode(answer.body) === "fresh_login_needed") return "prove";
  return [204, 404].includes(answer.status) ? { made: undefined } : refusal(answer);
}

/** Ends it although the page is being left, when no answer can come any more. */
export function endOnLeaving(id: string): void {
  const request = { method: "DELETE", headers: credentials(), keepalive: true };
  void fetch(apiPath(sessionPart(id)), request).catch(() => {});
}
