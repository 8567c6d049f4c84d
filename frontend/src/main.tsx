// The page: made as soon as its code is there, while the socket is already open.

import { render } from "preact";
import type { Opening } from "./opening";
import { Page } from "./page";
import { App } from "./ui/app";
import { followViewport } from "./ui/viewport";

/** For the parts that show a terminal as well: it stays in the chunk that is there already. */
export { TerminalView } from "./term/view";

/** Shows the page. */
export function start(opening: Opening): void {
  followViewport();
  const place = document.getElementById("app");
  if (place === null) return;
  const { route } = opening;
  if (route.name === "kiosk") {
    void import("./kiosk/begin").then(({ begin }) => begin(opening, route, place));
  } else render(<App page={new Page(opening)} />, place);
}
