// The page's session: takes what the connection brings to the panes, and what the person does to
// the connection.

import { batch, effect, signal, untracked } from "@preact/signals";
import { login, pageKey, probe } from "./credentials";
import { Desk } from "./desk";
import { deviceLabel } from "./device";
import type { ExitStatus } from "./gen/ExitStatus";
import type { Notice } from "./gen/Notice";
import type { ProcessInfo } from "./gen/ProcessInfo";
import type { SessionInfo } from "./gen/SessionInfo";
import type { Size } from "./gen/Size";
import { allPanes, tabOf } from "./layout/tree";
import type { News } from "./marks/news";
import type { Opening } from "./opening";
import { makePane, type Pane } from "./panes";
import type { Doubt } from "./paste/doubt";
import { type Route, sessionPath, socketPath } from "./route";
import { Connection } from "./session/connection";
import { type Clock, type Display, LOGIN, type Phase, type Welcome } from "./session/ports";
import type { Verdict } from "./session/verdict";
import { settings } from "./settings/settings";
import { SocketLine } from "./socket-line";
import { say } from "./strings";
import { showOnSurface } from "./surface";
import { keepClientId, newClientId, takeClientId } from "./tab";
import { colors } from "./term/theme";
import { downloadPath } from "./ui/files/open";
import * as model from "./ui/model";
import { askPaste, overlay } from "./ui/overlay";
import { reading } from "./ui/transcript/open";
import type { Bytes, Lane } from "./wire/frame";

/** Milliseconds of a loss that nobody has to hear of: most are over by then. */
const SILENT_LOSS = 800;

const clock: Clock = {
  now: () => performance.now(),
  after: (delay, run) => {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
};

export class Page implements Display {
  readonly panes = signal<readonly Pane[]>([]);
  readonly kiosk: boolean;
  readonly desk: Desk;
  private readonly route: Route;
  private readonly connection: Connection;
  private readonly size: Size;
  private known = false;
  private firstLine: SocketLine | null = null;
  /** Whether somebody else answers what programs ask their terminal. */
  private answered = false;
  private cancelNotice: () => void = () => {};
  private cancelColors: () => void;
  private readonly client: string;
  /** It was made to show a session that there was already. */
  private readonly attached: boolean;
  /** Ends what it listens to. */
  private readonly gone = new AbortController();

  constructor(opening: Opening) {
    this.route = opening.route;
    this.size = opening.size;
    this.kiosk = opening.route.name === "kiosk";
    const session = "session" in this.route ? this.route.session : null;
    this.attached = session !== null;
    model.session.value = session;
    this.client = (session === null ? null : takeClientId(session)) ?? newClientId();
    const world = {
      clock,
      random: Math.random,
      dial: (of: string | null) => this.dial(of),
      ask: (of: string | null) => askWhy(of),
    };
    const label = deviceLabel(navigator.userAgent);
    const identity = { client: this.client, label, pageKey, colors };
    this.connection = new Connection(world, this, identity, session, this.size);
    this.desk = this.makeDesk();
    showOnSurface({
      panes: () => this.inOrder().map((pane) => pane.report(this.connection)),
      screenText: (index) => this.inOrder()[index]?.screenText() ?? [],
      scrollbackLength: (index) => this.inOrder()[index]?.scrollbackLength() ?? 0,
      stats: () => ({ ...this.connection.stats }),
    });
    void this.begin(opening);
    this.cancelColors = effect(() => {
      const shown = colors();
      if (model.state.value === "live") this.connection.tell({ type: "colors", colors: shown });
    });
    const { signal: gone } = this.gone;
    const listen = (event: string, act: () => void) => {
      addEventListener(event, act, { signal: gone });
    };
    for (const event of ["online", "pageshow"]) listen(event, () => this.connection.nudge());
    const seen = () => {
      if (document.visibilityState === "visible") this.connection.nudge();
    };
    document.addEventListener("visibilitychange", seen, { signal: gone });
    listen("pagehide", () => {
      if (model.session.value !== null) keepClientId(model.session.value, this.client);
    });
  }

  /** Leaves the session for good. */
  dispose(): void {
    this.gone.abort();
    this.cancelColors();
    for (const pane of this.panes.value) pane.leave();
    this.cancelNotice();
    this.connection.close();
  }

  /** Tries to connect now. */
  retry(): void {
    model.notice.value = null;
    this.connection.open();
  }

  /** Leaves the session and comes again at once, to be asked for the login. */
  comeAgain(): void {
    this.connection.close();
    this.connection.open();
  }

  phase(phase: Phase): void {
    this.cancelNotice();
    switch (phase.name) {
      case "live":
        model.notice.value = null;
        model.state.value = "live";
        break;
      case "connecting":
        this.desk.lost();
        model.state.value = "connecting";
        break;
      case "reconnecting": {
        model.state.value = "reconnecting";
        this.desk.lost();
        const why = phase.why === "full" ? "full" : "lost";
        const tell = () => {
          model.notice.value = { about: "reconnecting", retryAt: phase.retryAt, why };
        };
        this.cancelNotice = clock.after(phase.since + SILENT_LOSS - clock.now(), tell);
        break;
      }
      case "over":
        this.over(phase.why);
    }
  }

  welcome(welcome: Welcome, resumed: boolean): void {
    const isNew = !resumed && !this.attached;
    if (!this.known) this.desk.begin(welcome.session);
    this.known = true;
    model.session.value = welcome.session;
    model.role.value = welcome.role;
    if (isNew && !this.kiosk) history.replaceState(null, "", sessionPath(welcome.session));
    this.answered = welcome.role === "watch" || welcome.answers_queries === true;
    for (const info of welcome.processes) {
      if (this.pane(info) === undefined) this.show(info, !isNew);
      if (info.exit !== undefined) this.pane(info)?.exited(info.exit);
      if (resumed) this.pane(info)?.reconnected();
    }
    const gone = (pane: Pane) =>
      welcome.processes.every(({ process }) => process !== pane.model.process);
    if (this.panes.value.some(gone)) this.panes.value = this.panes.value.filter((p) => !gone(p));
  }

  appeared(info: ProcessInfo): void {
    if (this.pane(info) === undefined) this.show(info, false);
    this.desk.processesChanged();
  }

  session(info: SessionInfo): void {
    if (info.locked === true) this.hide();
    model.info.value = info;
    this.desk.tell(info.revision, info.layout);
    // What has ended and stands in no layout any more was closed.
    this.panes.value = this.panes.value.filter(
      ({ model: { process, exit } }) => exit.value === null || tabOf(info.layout, process) !== -1,
    );
  }

  unsent(bytes: number): void {
    model.unsent.value = bytes;
  }

  output(lane: Lane, bytes: Bytes, consumed: () => void): void {
    const pane = this.pane(lane);
    if (pane === undefined) consumed();
    else pane.output(lane.channel, bytes, consumed);
  }

  snapshot(lane: Lane, size: Size, skipped: number, bytes: Bytes, consumed: () => void): void {
    const pane = this.pane(lane);
    if (pane === undefined) consumed();
    else pane.snapshot(size, skipped, bytes, consumed);
  }

  resized(lane: Lane, size: Size): void {
    this.pane(lane)?.resized(size);
  }

  gap(lane: Lane, from: number, offset: number): void {
    this.pane(lane)?.gap(lane.channel, offset - from);
  }

  exited(process: number, status: ExitStatus): void {
    const pane = this.pane({ process });
    pane?.exited(status, () => this.desk.processesChanged());
    if (pane !== undefined) this.hear(pane.model, { kind: "ended", status });
  }

  loggedIn(granted: boolean, launch: string | null): void {
    // A visitor comes back by it, after a reload or a loss.
    if (launch !== null) void login({ launch });
    // Who was not let in to a new session reads why; what there was goes on without it.
    if (!granted && this.panes.value.length === 1) return;
    // What it showed is nobody's any more.
    this.pane({ process: LOGIN })?.leave();
    this.panes.value = this.panes.value.filter(({ model }) => model.process !== LOGIN);
    this.desk.processesChanged();
  }

  noticed(process: number, notice: Notice): void {
    const pane = this.pane({ process });
    if (pane === undefined) return;
    if (notice.kind === "title") pane.model.name.value = notice.text;
    else this.hear(pane.model, notice);
  }

  roundTrip(milliseconds: number): void {
    model.roundTrip.value = milliseconds;
  }

  refused(code: string, message: string): void {
    if (code === "conflict" || code === "bad_layout") {
      this.desk.refused(code);
      return;
    }
    model.remark.value = say("status.refused", { message });
  }

  /** Takes away what lies over the page and shows something of the session. */
  private hide(): void {
    batch(() => {
      overlay.value = null;
      reading.value = null;
    });
  }

  private async begin({ outcome }: Opening): Promise<void> {
    const begun = await outcome;
    if ("line" in begun) this.firstLine = begun.line;
    else if ("login" in begun && begun.login !== "unreachable") {
      const why = begun.login === "refused" ? "wrong" : begun.login;
      // At once: what follows the one looks at the other.
      batch(() => {
        model.state.value = "lost";
        model.notice.value = { about: "login", why };
      });
      return;
    }
    this.connection.open();
  }

  private dial(session: string | null): SocketLine {
    const line = this.firstLine;
    this.firstLine = null;
    if (line !== null) return line;
    const route: Route = session === null ? this.route : { name: "session", session };
    return new SocketLine(socketPath(route, this.size));
  }

  private over(why: Verdict): void {
    batch(() => this.tellEnd(why));
    for (const pane of this.panes.value) pane.finish();
  }

  private tellEnd(why: Verdict): void {
    const session = model.session.value ?? "";
    const wasOpen = this.panes.value.length > 0;
    model.state.value = why === "ended" ? "ended" : "lost";
    if (why === "ended") model.notice.value = { about: "ended" };
    else if (why === "login") {
      model.notice.value = { about: "login", why: wasOpen ? "ended" : "missing" };
    } else if (why === "unknown" && session === "" && "app" in this.route) {
      model.notice.value = { about: "noApp", app: this.route.app };
    } else if (why === "unknown") model.notice.value = { about: "unknown", session, wasOpen };
    else model.notice.value = { about: why === "reload" ? "reload" : "refused" };
    if (why === "unknown" && wasOpen) model.state.value = "ended";
  }

  private show(info: ProcessInfo, replay: boolean): void {
    const start = { quiet: this.answered, replay, alone: this.kiosk };
    this.panes.value = [...this.panes.value, makePane(info, start, this.actions())];
  }

  private actions() {
    const refuse = () => {
      model.refusals.value += 1;
      model.remark.value = say("watch.refused");
    };
    return {
      typed: (process: number, bytes: Bytes) => {
        if (model.role.value === "watch") {
          refuse();
          return;
        }
        const taken = this.connection.type(process, bytes);
        model.remark.value = taken ? "" : say("status.full");
      },
      ended: (process: number) => this.connection.endInput(process),
      wanted: (process: number, size: Size) => {
        if (model.role.value !== "watch") this.connection.resize(process, size);
      },
      refresh: (process: number, lines?: number) => {
        const wanted = lines === undefined ? {} : { lines };
        this.connection.tell({ type: "snapshot", process, ...wanted });
      },
      path: (process: number, path: string) => void downloadPath(path, process),
      copied: (process: number, sent: string) => this.wantsCopy(process, sent),
      doubtful: (_process: number, doubt: Doubt) =>
        model.role.value === "watch" ? refuse() : void askPaste(doubt),
      news: (of: model.ProcessModel, news: News) => this.hear(of, news),
      alone: (process: number) => {
        const { layout } = this.desk;
        const tab = layout.value.tabs[tabOf(layout.value, process)];
        return tab !== undefined && "pane" in tab;
      },
    };
  }

  /** A program's wish to copy is for whoever works with it: not for watchers, nor for a second writer. */
  private wantsCopy(process: number, sent: string): void {
    const from = this.pane({ process })?.model.label.value ?? "";
    const { value: session } = model.session;
    const { active, you } = model.info.value ?? {};
    const mine = active === undefined || active === you;
    if (this.kiosk || session === null || model.role.value === "watch" || !mine) return;
    if (settings.value.programsCopy === "never") return;
    const asker = { session, process, from };
    void import("./told/copies").then(({ wantsCopy }) => wantsCopy(asker, sent));
  }

  /** What programs tell beside their text. A kiosk's visitor is not whoever works in the session. */
  private hear(of: model.ProcessModel, news: News): void {
    if (this.kiosk) return;
    const go = () => this.desk.focus(of.process);
    void import("./told/hear").then(({ hear }) => hear(of, news, go));
  }

  private makeDesk(): Desk {
    const processes = {
      all: () => this.panes.value.map((pane) => pane.model.process),
      ended: (process: number) => (this.pane({ process })?.model.exit.value ?? null) !== null,
    };
    const desk = new Desk(processes, (revision, layout) =>
      this.connection.tell({ type: "layout", revision, layout }),
    );
    const follow = effect(() => {
      model.focused.value = desk.focused.value;
    });
    const show = effect(() => {
      const { value: visible } = desk.visible;
      for (const pane of this.panes.value) {
        untracked(() => pane.show(visible.includes(pane.model.process)));
      }
    });
    for (const stop of [follow, show]) this.gone.signal.addEventListener("abort", stop);
    return desk;
  }

  /** The panes as the layout has them. */
  inOrder(): Pane[] {
    return allPanes(this.desk.layout.value).flatMap((process) => this.pane({ process }) ?? []);
  }

  private pane(lane: { process: number }): Pane | undefined {
    return this.panes.value.find((pane) => pane.model.process === lane.process);
  }
}

/** Why a socket was refused, which a browser does not tell. */
async function askWhy(session: string | null): Promise<Verdict> {
  const credentials = await probe("check");
  if (credentials === 0) return "reconnect";
  if (credentials === 401 || credentials === 403) return "login";
  if (session === null) return "reconnect";
  const status = await probe(`sessions/${encodeURIComponent(session)}`);
  if (status === 404) return "unknown";
  if (status === 401) return "login";
  return status === 429 || status === 503 ? "full" : "reconnect";
}
