// The overview of all sessions: a page of its own, loaded where there is something to overlook.

import "../style/dashboard.css";
import { render } from "preact";
import type { Begun } from "../opening";
import { Dashboard } from "../ui/dashboard/dashboard";
import { notice } from "../ui/model";
import { followViewport } from "../ui/viewport";
import { Overview } from "./overview";

/** Shows it, with what was asked already. */
export function start(begun: Exclude<Begun, { line: unknown }>): void {
  followViewport();
  const overview = new Overview();
  if ("list" in begun) {
    overview.list.take(begun.list);
    overview.begin();
  } else if (begun.login === "unreachable") overview.begin();
  else {
    overview.list.standing.value = "login";
    const why = begun.login === "refused" ? "wrong" : begun.login;
    notice.value = { about: "login", why };
  }
  const place = document.getElementById("app");
  if (place !== null) render(<Dashboard overview={overview} />, place);
}
