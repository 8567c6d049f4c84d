// Every state that the page has, held against the rules of accessibility in light and dark, with
// nothing cut off, on a phone and on a desk; and in languages that need more room.

import { expect, test } from "vitest";
import { DEVICES, type Device, inBothColours, type Looked } from "../states/look";
import { SCENES } from "../states/scenes";
import { accessible } from "./desk";
import { expectFits } from "./fits";

/** Milliseconds of one scene, which has up to twenty states. */
const LONG = 240_000;

/** Scenes of fingers alone. */
const TOUCHED = new Set(["fingers"]);

/** The tests of one device, a file of their own: there are many, and files run side by side. */
export function everyState(on: Device["name"]): void {
  const device = DEVICES.find(({ name }) => name === on);
  if (device === undefined) throw new Error(`no device ${on}`);
  for (const [name, scene] of Object.entries(SCENES)) {
    if (TOUCHED.has(name) && !device.touch) continue;
    test(
      name,
      async () => {
        let states = 0;
        const look: Looked["look"] = async (visit, state) => {
          states += 1;
          await expectFits(visit, state);
          await inBothColours(visit, (scheme) => accessible(visit, `${state}, ${scheme}`));
        };
        await scene({ device, look });
        expect(states).toBeGreaterThan(0);
      },
      LONG,
    );
  }
}
