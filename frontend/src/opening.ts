// The first moments: the login that the address brings, then the socket, while the rest of the page
// is still being loaded. Without an address of its own the page is a session if there is none yet,
// and the overview of them otherwise.

import { ask } from "./ask";
import type { Answer } from "./asker";
import { credentials, type Login, login, probe, takeProof } from "./credentials";
import { keptSession } from "./kiosk/kept";
import { apiPath, type Route, routeOf, socketPath } from "./route";
import { SocketLine } from "./socket-line";
import { guessSize, type Size } from "./term/guess";

/** What the page begins with: a socket, why there is none, or what the server said of its sessions, or of
 * its recordings. */
export type Begun =
  | { line: SocketLine }
  | { login: Exclude<Login, "in"> | "missing" | "used" }
  | { list: Answer };

/** How the page began. */
export interface Opening {
  route: Route;
  /** The window's size in cells, as far as it can be told before a terminal is there. */
  size: Size;
  /** What came of it. */
  outcome: Promise<Begun>;
}

/** The body of a list of nothing. */
const NO_SESSION = "[]";

/** Begins. */
export function begin(): Opening {
  // It may lead back to another address.
  const proof = takeProof();
  const route = routeOf(location.pathname);
  if (route.name === "kiosk") route.session = keptSession(route.app);
  const size = guessSize();
  const outcome = (async (): Promise<Begun> => {
    if (proof !== null) {
      const told = await login(proof);
      // A link that was used, by a reload or the back button, does no harm where a login is there.
      if (told !== "in" && told !== "refused") return { login: told };
      if (told === "in" && !lists(route)) return dial(route, size);
    }
    const none = { login: proof === null ? ("missing" as const) : ("used" as const) };
    if (lists(route)) {
      const list = await askFor(route.name === "home" ? "sessions" : "recordings");
      if (list.status === 401) return none;
      const nothing = route.name === "home" && list.status === 200 && list.body === NO_SESSION;
      return nothing ? dial(route, size) : { list };
    }
    // A socket that is refused is reported as a fault of the page, so it is asked first.
    if (route.name === "kiosk" && route.session !== null) {
      const status = await probe(`sessions/${encodeURIComponent(route.session)}`);
      if (status === 404) route.session = null;
      if (status !== 401) return dial(route, size);
      if (!(await takesVisitors(route))) return none;
      route.session = null;
      return dial(route, size);
    }
    const shut = (await probe("check")) === 401 && !(await takesVisitors(route));
    return shut ? none : dial(route, size);
  })();
  return { route, size, outcome };
}

function dial(route: Route, size: Size): Begun {
  return { line: new SocketLine(socketPath(route, size)) };
}

/** Whether what it shows is a list, and not a session. */
function lists({ name }: Route): boolean {
  return name === "home" || name === "recordings";
}

function askFor(part: string): Promise<Answer> {
  return ask({ path: apiPath(part), method: "GET", headers: credentials() });
}

/** Whether the app of this address is open to whoever has no login: its login program decides. */
async function takesVisitors(route: Route): Promise<boolean> {
  if (!("app" in route)) return false;
  return (await probe(`apps/${encodeURIComponent(route.app)}/door`)) === 204;
}
