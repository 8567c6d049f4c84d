// The first moments: the login that the address brings, then the socket, while the rest of the page
// is still being loaded.

import { type Login, login, probe, takeProof } from "./credentials";
import { type Route, routeOf, socketPath } from "./route";
import { SocketLine } from "./socket-line";
import { guessSize, type Size } from "./term/guess";

/** How the page began. */
export interface Opening {
  route: Route;
  /** The window's size in cells, as far as it can be told before a terminal is there. */
  size: Size;
  /** The socket, or why there is none. */
  outcome: Promise<{ line: SocketLine } | { login: Exclude<Login, "in"> | "missing" | "used" }>;
}

/** Begins. */
export function begin(): Opening {
  const route = routeOf(location.pathname);
  const size = guessSize();
  const dial = () => ({ line: new SocketLine(socketPath(route, size)) });
  const proof = takeProof();
  const outcome = (async () => {
    if (proof !== null) {
      const told = await login(proof);
      if (told === "in") return dial();
      // A link that was used, by a reload or the back button, does no harm where a login is there.
      if (told !== "refused") return { login: told };
    }
    // A socket that is refused is reported as a fault of the page, so it is asked first.
    if ((await probe("check")) !== 401) return dial();
    return { login: proof === null ? ("missing" as const) : ("used" as const) };
  })();
  return { route, size, outcome };
}
