// A kiosk: one program in front of whoever comes by. It is started again when it ends, comes back
// however long the server was away, and begins afresh when nobody has used it for a while.

import { batch, effect, signal } from "@preact/signals";
import { ask } from "../ask";
import { credentials, probe } from "../credentials";
import type { Opening } from "../opening";
import { Page } from "../page";
import { apiPath, type Route, socketPath } from "../route";
import type { Clock } from "../session/ports";
import { SocketLine } from "../socket-line";
import { guessSize } from "../term/guess";
import * as model from "../ui/model";
import { Idle } from "./idle";
import { forgetSession, keepSession } from "./kept";
import { type KioskOptions, kioskOptions } from "./options";
import { Restarts } from "./restarts";
import { holdScreen } from "./screen";

const clock: Clock = {
  now: () => performance.now(),
  after: (delay, run) => {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
};

type KioskRoute = Extract<Route, { name: "kiosk" }>;

export class Kiosk {
  readonly options: KioskOptions;
  /** What is shown: another one for each start of the program. */
  readonly page;
  private readonly app: string;
  private readonly restarts = new Restarts();
  private readonly idle: Idle | null;
  private cancel: (() => void) | null = null;

  constructor(opening: Opening, route: KioskRoute) {
    this.app = route.app;
    this.options = kioskOptions(location.search);
    this.page = signal(new Page(opening));
    const { idle } = this.options;
    this.idle = idle === null ? null : new Idle(clock, idle, () => this.startAnew());
    this.restarts.begin(clock.now());
    effect(() => this.follow());
    for (const event of ["keydown", "pointerdown", "touchstart", "wheel"]) {
      const used = () => this.idle?.used();
      addEventListener(event, used, { capture: true, passive: true });
    }
    holdScreen();
  }

  /** After a login. */
  retry(): void {
    this.page.value.retry();
  }

  /** Looks at what has become of the session. */
  private follow(): void {
    const session = model.session.value;
    const state = model.state.value;
    const about = model.notice.value?.about;
    if (state === "live" && session !== null) keepSession(this.app, session);
    const over = state === "ended" || (state === "lost" && about !== "login");
    if (!over || this.cancel !== null) return;
    const delay = this.restarts.next(clock.now());
    this.cancel = clock.after(delay, () => void this.again(about === "reload"));
  }

  /** The program has ended, or its session is gone: starts another. */
  private async again(newPage: boolean): Promise<void> {
    // A page that is loaded while the server is away would be the browser's own, and stay that.
    if (newPage && (await probe("check")) !== 0) location.reload();
    this.cancel = null;
    this.startAnew();
  }

  private startAnew(): void {
    this.cancel?.();
    this.cancel = null;
    this.idle?.stop();
    const old = model.session.peek();
    this.page.peek().dispose();
    forgetSession(this.app);
    if (old !== null) void this.end(old);
    const route: KioskRoute = { name: "kiosk", app: this.app, session: null };
    const size = guessSize();
    const line = new SocketLine(socketPath(route, size));
    this.restarts.begin(clock.now());
    batch(() => {
      model.state.value = "connecting";
      model.notice.value = null;
      this.page.value = new Page({ route, size, outcome: Promise.resolve({ line }) });
    });
  }

  /** What the last one left is of no use to anybody. */
  private async end(session: string): Promise<void> {
    const path = apiPath(`sessions/${encodeURIComponent(session)}`);
    await ask({ path, method: "DELETE", headers: credentials() });
  }
}
