// The place of the touch part on the page. What fills it is loaded only where there are fingers.

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "../../strings";
import { role } from "../model";

/** What the touch part is told. */
export interface TouchOptions {
  /** Nothing but the terminal may be reached. */
  kiosk: boolean;
}

interface Props extends TouchOptions {
  /** There is, or will be, a terminal that the keys are for. */
  terminal?: boolean;
}

export function TouchPlace({ kiosk, terminal = true }: Props) {
  const [loaded, load] = useState<{ Surface: ComponentType<TouchOptions> } | null>(null);
  useEffect(() => {
    const fingers = matchMedia("(any-pointer: coarse)");
    const look = () => {
      if (fingers.matches) void import("./surface").then(load);
    };
    look();
    fingers.addEventListener("change", look);
    return () => fingers.removeEventListener("change", look);
  }, []);
  // It has its height before it is filled, so that the terminal keeps its size when it is.
  const keys = !kiosk && terminal && role.value !== "watch";
  return (
    <section
      class={keys ? "touch keyed" : "touch"}
      {...(keys ? { "aria-label": say("keys.row") } : {})}
    >
      {loaded !== null && <loaded.Surface kiosk={kiosk} />}
    </section>
  );
}
