// `window.awp`: what the page shows, for tests and the curious. Read-only: it gives no authority
// and makes no request.

/** One pane, as the surface tells of it. */
export interface PaneReport {
  session: string;
  process: number;
  title: string;
  cols: number;
  rows: number;
  role: "watch" | "write" | "owner";
  state: "connecting" | "live" | "behind" | "reconnecting" | "ended" | "lost";
  renderer: "dom" | "webgl" | "none";
  offset: number;
  visible: boolean;
  focused: boolean;
}

/** Numbers since the page was loaded. */
export interface StatsReport {
  bytesIn: number;
  acks: number;
  rttMs: number | null;
  reconnects: number;
  snapshots: number;
}

/** Where the answers come from, once the page is there. */
export interface Source {
  panes(): PaneReport[];
  screenText(pane: number): string[];
  scrollbackLength(pane: number): number;
  stats(): StatsReport;
}

const NOTHING: Source = {
  panes: () => [],
  screenText: () => [],
  scrollbackLength: () => 0,
  stats: () => ({ bytesIn: 0, acks: 0, rttMs: null, reconnects: 0, snapshots: 0 }),
};

let source = NOTHING;

/** Defines `window.awp`, before there is anything to tell. */
export function installSurface(): void {
  const surface: Source = Object.freeze({
    panes: () => source.panes(),
    screenText: (pane: number) => source.screenText(pane),
    scrollbackLength: (pane: number) => source.scrollbackLength(pane),
    stats: () => source.stats(),
  });
  Object.defineProperty(window, "awp", { value: surface, enumerable: true });
}

/** From now on this tells; of what it does not know there is nothing. */
export function showOnSurface(of: Partial<Source>): void {
  source = { ...NOTHING, ...of };
}
