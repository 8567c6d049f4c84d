// Where it is said that a session is locked, unless its login program is shown here.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Page } from "../../page";
import { LOGIN } from "../../session/ports";
import { locked } from "../model";

const part = signal<typeof import("./locked") | null>(null);

export function LockedPlace({ page }: { page: Page }) {
  const said = locked.value && page.panes.value.every(({ model }) => model.process !== LOGIN);
  useEffect(() => {
    if (!said || part.value !== null) return;
    void import("./locked").then((loaded) => {
      part.value = loaded;
    });
  }, [said]);
  const Said = part.value?.Locked;
  return said && Said !== undefined ? <Said page={page} /> : null;
}
