// The overview: the list, what the person does to it, and what of that waits or went wrong.

import { signal } from "@preact/signals";
import { DEFAULT_APP, newPath, sessionPath } from "../route";
import type { Clock } from "../session/ports";
import { say } from "../strings";
import * as api from "./api";
import { Endings, type Waiting } from "./ending";
import { SessionList } from "./list";
import { drawDigest } from "./painter";
import { type ListedApp, nameOf } from "./session";
import { Thumbnails } from "./thumbnails";

const clock: Clock = {
  now: () => performance.now(),
  after: (delay, run) => {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
};

export class Overview {
  readonly list = new SessionList({
    clock,
    seconds: () => Date.now() / 1000,
    ask: api.askSessions,
  });
  readonly thumbnails = new Thumbnails(
    clock,
    api.askThumbnail,
    (id) => this.list.session(id),
    drawDigest,
  );
  /** The ends that can still be taken back. */
  readonly waiting = signal<readonly Waiting[]>([]);
  /** The ends that wait until it was shown again who asks. */
  readonly unproven = signal<readonly Waiting[]>([]);
  /** What went wrong last, in words. */
  readonly failure = signal("");
  /** The apps to choose from. */
  readonly apps = signal<readonly ListedApp[]>([{ name: DEFAULT_APP, mode: "pty", command: [] }]);
  /** Whether this person may make, rename and end sessions, as far as is known. */
  readonly owner = signal(true);
  /** How many recordings this person may see. */
  readonly recordings = signal(0);
  /** The session whose name is being changed. */
  readonly renamed = signal<string | null>(null);
  /** Whether a new one is being asked for. */
  readonly making = signal(false);
  /** The card that the keyboard is on, or was last. */
  readonly current = signal<string | null>(null);
  private readonly endings: Endings;
  /** Sessions whose end was asked for, with no answer yet. */
  private readonly asked = new Set<string>();
  private leaving = false;

  constructor() {
    const changed = (waiting: readonly Waiting[]) => {
      this.waiting.value = waiting;
    };
    this.endings = new Endings(clock, (ending) => void this.end(ending), changed);
    addEventListener("pagehide", () => {
      this.leaving = true;
      this.endings.finish();
      // What was asked a moment ago may not have been sent yet; to end twice is to end.
      for (const id of this.asked) api.endOnLeaving(id);
    });
    addEventListener("pageshow", () => {
      this.leaving = false;
    });
    document.addEventListener("visibilitychange", () => this.look());
  }

  /** Looks at the server from now on, while the page is looked at. */
  begin(): void {
    this.look();
    void api.askApps().then((apps) => {
      if (apps === "forbidden") this.owner.value = false;
      else if (apps !== null) this.apps.value = apps;
    });
    void api.askRecordings().then((count) => {
      this.recordings.value = count;
    });
  }

  /** After a login: the page is what its address says, which may be a first session. */
  async retry(): Promise<void> {
    await this.list.refresh();
    if (this.list.standing.value === "live" && this.list.count.value === 0) {
      location.replace(newPath());
    } else this.begin();
  }

  /** Ends a session, unless it is taken back in time. */
  endSoon(id: string): void {
    const session = this.list.session(id)?.value;
    if (session === undefined) return;
    this.failure.value = "";
    this.endings.begin({ id, name: nameOf(session), over: session.state === "ended" });
  }

  undo(id: string): void {
    this.endings.undo(id);
  }

  /** It was shown again who asks. */
  endProven(): void {
    const all = this.unproven.value;
    this.endNone();
    for (const ending of all) void this.end(ending);
  }

  /** Nothing of what waits for that is ended. */
  endNone(): void {
    this.unproven.value = [];
  }

  /** Makes a session and goes there; the answer says why not. */
  async make(app: string, name: string): Promise<string> {
    const made = await api.create(app, name);
    if ("refused" in made) return made.refused;
    location.assign(sessionPath(made.made.id));
    return "";
  }

  /** Renames a session; the answer says why not. */
  async rename(id: string, name: string): Promise<string> {
    const renamed = await api.rename(id, name);
    if ("refused" in renamed) return renamed.refused;
    // The list says so too, a moment later.
    const session = this.list.session(id);
    if (session !== undefined) session.value = { ...session.value, name: name || null };
    return "";
  }

  private async end({ id, name, over }: Waiting): Promise<void> {
    if (this.leaving) {
      api.endOnLeaving(id);
      return;
    }
    this.asked.add(id);
    const ended = await api.end(id);
    this.asked.delete(id);
    if (ended === "prove") {
      this.unproven.value = [...this.unproven.value, { id, name, over }];
      return;
    }
    if ("refused" in ended) this.failure.value = say("toast.failed", { name, why: ended.refused });
    await this.list.refresh();
  }

  private look(): void {
    if (document.visibilityState === "visible") {
      this.list.start();
      this.thumbnails.start();
    } else {
      this.list.pause();
      this.thumbnails.pause();
    }
  }
}
