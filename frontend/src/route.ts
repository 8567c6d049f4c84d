// What the address asks for, and the addresses of the server. The page may lie below a path of its
// own; where, its scripts know by where they came from.

/** What to show. */
export type Route =
  | { name: "home" }
  | { name: "new"; app: string }
  | { name: "session"; session: string }
  /** `recording` is the one to play; null for the list of them. */
  | { name: "recordings"; recording: string | null }
  /** `session` is the one that this kiosk showed last. */
  | { name: "kiosk"; app: string; session: string | null };

/** The app that the command line itself defines. */
export const DEFAULT_APP = "default";

/** The path that everything is below, with a slash at its end. */
export const BASE = new URL(/* @vite-ignore */ "../", import.meta.url).pathname;

/** Reads the path of an address. */
export function routeOf(pathname: string): Route {
  const [place, name = ""] = pathname.slice(BASE.length).split("/");
  if (place === "s" && name !== "") return { name: "session", session: decodeURIComponent(name) };
  if (place === "kiosk" && name !== "") {
    return { name: "kiosk", app: decodeURIComponent(name), session: null };
  }
  if (place === "new" && name !== "") return { name: "new", app: decodeURIComponent(name) };
  if (place === "recordings") {
    return { name: "recordings", recording: name === "" ? null : decodeURIComponent(name) };
  }
  return { name: "home" };
}

/** The address of a session's page. */
export function sessionPath(session: string): string {
  return `${BASE}s/${encodeURIComponent(session)}`;
}

/** The address of the list of recordings, or of one that is played. */
export function recordingsPath(id?: string): string {
  return `${BASE}recordings${id === undefined ? "" : `/${encodeURIComponent(id)}`}`;
}

/** The address of a page that starts a session of this app. */
export function newPath(app = DEFAULT_APP): string {
  return `${BASE}new/${encodeURIComponent(app)}`;
}

/** The address of the socket that this route needs, with the window's size for a new session. */
export function socketPath(route: Route, size: { cols: number; rows: number }): string {
  const query = new URLSearchParams();
  const session = "session" in route ? route.session : null;
  if (session !== null) query.set("session", session);
  query.set("cols", String(size.cols));
  query.set("rows", String(size.rows));
  const named = session === null && "app" in route && route.app !== DEFAULT_APP;
  const app = named ? `/${encodeURIComponent(route.app)}` : "";
  return `${BASE}ws${app}?${query}`;
}

/** The address of a part of the API. */
export function apiPath(part: string): string {
  return `${BASE}api/v1/${part}`;
}
