// What looks at the states of the page: each scene leads the real page into its states, one after the
// other, and shows each to a look, such as a picture or the rules of accessibility.

import { Visit, type VisitOptions } from "../browser/visit";

/** A device of a person. */
export interface Device {
  readonly name: "phone" | "tablet" | "desktop";
  readonly width: number;
  readonly height: number;
  readonly touch: boolean;
}

export const DEVICES: readonly Device[] = [
  { name: "phone", width: 390, height: 844, touch: true },
  { name: "tablet", width: 820, height: 1180, touch: true },
  { name: "desktop", width: 1440, height: 900, touch: false },
];

/** Looks at a state of the page. */
export type Look = (visit: Visit, state: string) => Promise<void>;

/** How a scene is looked at. */
export interface Looked {
  readonly device: Device;
  readonly look: Look;
  /** What each visit begins with besides. */
  readonly options?: VisitOptions;
}

export type Scene = (looked: Looked) => Promise<void>;

/** The options of a visit with this device. */
export function optionsOf({ device, options }: Looked): VisitOptions {
  const { width, height, touch } = device;
  return { width, height, touch, ...options };
}

/** Comes to an address with the device. */
export function visitTo(looked: Looked, url: string, more: VisitOptions = {}): Promise<Visit> {
  return Visit.to(url, { ...optionsOf(looked), ...more });
}

/** Waits until what was asked for has been drawn. The clock of the page may stand still meanwhile. */
export async function drawn(visit: Visit): Promise<void> {
  await visit.page.evaluate(async () => {
    const picture = () =>
      new Promise<void>((done) => {
        const observer = new ResizeObserver(() => {
          observer.disconnect();
          done();
        });
        observer.observe(document.documentElement);
      });
    await picture();
    await picture();
  });
}

/** Looks twice: in dark and in light. */
export async function inBothColours(
  visit: Visit,
  look: (scheme: "dark" | "light") => Promise<void>,
): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await visit.page.emulateMedia({ colorScheme });
    await drawn(visit);
    await look(colorScheme);
  }
}

/** Ends a visit in which the browser itself reported what was in vain. */
export async function endLost(visit: Visit): Promise<void> {
  visit.page.removeAllListeners("console");
  visit.faults.length = 0;
  await visit.end();
}
