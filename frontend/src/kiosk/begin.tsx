// A kiosk's part of the page: loaded only there.

import { render } from "preact";
import type { Opening } from "../opening";
import type { Route } from "../route";
import { KioskApp } from "../ui/kiosk/kiosk-app";
import { Kiosk } from "./kiosk";

/** Shows it in this place. */
export function begin(
  opening: Opening,
  route: Extract<Route, { name: "kiosk" }>,
  place: HTMLElement,
): void {
  render(<KioskApp kiosk={new Kiosk(opening, route)} />, place);
}
