// The list of sessions as it is now. It is asked for again and again: mostly the answer is that
// nothing has changed, which costs no body. A stream of events would cost each window one of the six
// connections that a browser has for a server, and one more thing that a proxy can cut unseen.

import { computed, type Signal, signal } from "@preact/signals";
import type { Answer } from "../asker";
import type { Clock } from "../session/ports";
import { matches, order } from "./filter";
import type { Listed } from "./session";

/** Milliseconds between two questions for the list: what others do is seen soon enough. */
export const PERIOD = 2_000;

/** Where the list stands. */
export type Standing = "loading" | "live" | "gone" | "busy" | "login";

/** What the list needs of the world. */
export interface ListWorld {
  clock: Clock;
  /** Seconds since 1970. */
  seconds(): number;
  ask(tag: string | null): Promise<Answer>;
}

export class SessionList {
  readonly standing = signal<Standing>("loading");
  /** What is searched for. */
  readonly query = signal("");
  /** The time that ages are counted to, in seconds since 1970. */
  readonly now: Signal<number>;
  /** Each session by its id: a card looks at its own, and changes when that does. */
  private readonly byId = new Map<string, Signal<Listed>>();
  private readonly order = signal<readonly string[]>([]);
  private readonly world: ListWorld;
  private tag: string | null = null;
  private running = false;
  private asking = false;
  private cancel: () => void = () => {};

  /** The ids of those that are shown, in order. */
  readonly shown = computed(() => {
    const query = this.query.value;
    return this.order.value.filter((id) => {
      const session = this.byId.get(id)?.value;
      return session !== undefined && matches(session, query);
    });
  });

  /** How many there are. */
  readonly count = computed(() => this.order.value.length);

  constructor(world: ListWorld) {
    this.world = world;
    this.now = signal(world.seconds());
  }

  /** A session of those that are listed. */
  session(id: string): Signal<Listed> | undefined {
    return this.byId.get(id);
  }

  /** Keeps the list fresh from now on. */
  start(): void {
    this.running = true;
    void this.refresh();
  }

  /** Nobody looks. */
  pause(): void {
    this.running = false;
    this.cancel();
  }

  /** Asks now. */
  async refresh(): Promise<void> {
    if (this.asking) return;
    this.cancel();
    this.asking = true;
    const answer = await this.world.ask(this.tag);
    this.asking = false;
    this.take(answer);
    if (!this.running || this.standing.value === "login") return;
    this.cancel = this.world.clock.after(PERIOD, () => void this.refresh());
  }

  /** Takes what the server said. */
  take(answer: Answer): void {
    this.now.value = this.world.seconds();
    if (answer.status === 401) this.standing.value = "login";
    else if (answer.status === 200) {
      this.show(JSON.parse(answer.body) as Listed[]);
      this.tag = answer.tag;
      this.standing.value = "live";
    } else if (answer.status === 304) this.standing.value = "live";
    else this.standing.value = answer.status === 0 ? "gone" : "busy";
  }

  private show(sessions: readonly Listed[]): void {
    for (const session of sessions) {
      const known = this.byId.get(session.id);
      if (known === undefined) this.byId.set(session.id, signal(session));
      else if (JSON.stringify(known.peek()) !== JSON.stringify(session)) known.value = session;
    }
    const ids = order(sessions).map(({ id }) => id);
    const listed = new Set(ids);
    for (const id of this.byId.keys()) if (!listed.has(id)) this.byId.delete(id);
    const before = this.order.peek();
    const same = ids.length === before.length && ids.every((id, index) => id === before[index]);
    if (!same) this.order.value = ids;
  }
}
