// The recordings there are, and what is done with them.

import { signal } from "@preact/signals";
import type { Answer } from "../asker";
import * as api from "./api";

export class Archive {
  /** The list, why there is none, or null while it is asked for. */
  readonly found = signal<readonly api.Listed[] | api.Refusal | null>(null);
  /** The one that is to be deleted, if the person says so again. */
  readonly doubted = signal<string | null>(null);
  /** The one that is deleted as soon as it was shown again who asks. */
  readonly unproven = signal<string | null>(null);
  /** Why the last one could not be deleted. */
  readonly failure = signal<api.Refusal | null>(null);

  /** Takes the server's answer. */
  take(answer: Answer): void {
    this.found.value = api.listOf(answer);
  }

  /** Asks for the list. */
  async retry(): Promise<void> {
    this.found.value = await api.list();
  }

  /** Deletes one. */
  async remove(id: string): Promise<void> {
    this.doubted.value = null;
    this.failure.value = null;
    const told = await api.remove(id);
    if (told === "prove") this.unproven.value = id;
    else if (told === "done") await this.retry();
    else this.failure.value = told;
  }
}
