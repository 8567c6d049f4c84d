// Which sessions are shown, and in which order.

import { type Listed, nameOf } from "./session";

/** Letters as they are compared: without case, and without the marks above and below them. */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Whether each word of the query stands in what the session is called, runs or shows. */
export function matches(session: Listed, query: string): boolean {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const { id, app, processes } = session;
  const texts = [nameOf(session), id, app, ...processes.map(({ title }) => title)];
  const text = plain(texts.join("\n"));
  return words.every((word) => text.includes(word));
}

/** Those that live before those that have ended; within each the newest first. */
export function order(sessions: readonly Listed[]): Listed[] {
  const over = ({ state }: Listed) => (state === "ended" ? 1 : 0);
  return [...sessions].sort(
    (one, other) =>
      over(one) - over(other) ||
      other.created - one.created ||
      (one.id < other.id ? -1 : one.id > other.id ? 1 : 0),
  );
}
