// The settings of this device while the page is open: one signal, whoever changes them.

import { signal } from "@preact/signals";
import { keep, onOthersChange, recall, type Settings } from "./kept";

export const settings = signal<Settings>(recall());

onOthersChange(() => {
  settings.value = recall();
});

/** Changes some of them, at once and for later visits. */
export function change(some: Partial<Settings>): void {
  settings.value = { ...settings.value, ...some };
  keep(settings.value);
}
