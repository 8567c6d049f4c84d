// What a person does with the panes of a session: the layout that is shared, and what of it this
// viewer looks at.

import { computed, effect, signal } from "@preact/signals";
import type { Layout } from "./gen/Layout";
import type { Node } from "./gen/Node";
import { Arrangement, type Edit, type Send } from "./layout/arrangement";
import { boxesOf, neighbour } from "./layout/boxes";
import * as tree from "./layout/tree";
import { keepView, recallView } from "./own-view";
import { LOGIN } from "./session/ports";
import * as api from "./session-api";
import { say } from "./strings";
import * as model from "./ui/model";

/** What the desk has to know of the processes. */
export interface Processes {
  /** The numbers of all that there are, in start order. */
  all(): readonly number[];
  ended(process: number): boolean;
}

export class Desk {
  private readonly changed = signal(0);
  /** The layout as it is seen: what a hand holds just now is where the hand is. */
  readonly layout = computed(() => {
    this.changed.value;
    const told = this.told.value;
    const layout = this.preview.value ?? (told ? this.arrangement.layout : this.recalled);
    // What has ended and was closed is gone from the layout first.
    const there = this.processes
      .all()
      .filter(
        (process) => !told || !this.processes.ended(process) || tree.tabOf(layout, process) >= 0,
      );
    return tree.normalise(layout, there);
  });
  /** A layout that is being tried, while a line is pulled. */
  readonly preview = signal<Layout | null>(null);
  /** Processes in the order in which they had the keyboard, the last one first. */
  readonly recent = signal<readonly number[]>([]);
  readonly zoomed = signal<number | null>(null);
  /** The session is locked, and its login program is shown here. */
  private readonly login = computed(() => {
    this.changed.value;
    return model.locked.value && this.processes.all().includes(LOGIN);
  });
  /** The process that has, or last had, the keyboard. */
  readonly focused = computed(() => {
    if (this.login.value) return LOGIN;
    const there = tree.allPanes(this.layout.value);
    return this.recent.value.find((process) => there.includes(process)) ?? there[0] ?? 1;
  });
  readonly active = computed(() => tree.tabOf(this.layout.value, this.focused.value));
  /** The processes that can be seen. */
  readonly visible = computed((): readonly number[] => {
    if (model.locked.value) return this.login.value ? [LOGIN] : [];
    const tab = this.layout.value.tabs[this.active.value];
    if (tab === undefined) return [];
    return this.single.value ? [this.focused.value] : tree.panesOf(tab);
  });
  /** One pane has all the room: it was zoomed, or there is no more room than for one. */
  readonly single = computed(() => model.narrow.value || this.zoomed.value === this.focused.value);
  private readonly told = signal(false);
  private readonly arrangement: Arrangement;
  private readonly processes: Processes;
  private recalled: Layout = { tabs: [] };
  /** What is done once a process is there. */
  private readonly coming = new Map<number, Edit>();
  /** Processes that leave the layout when they have ended. */
  private readonly closing = new Set<number>();

  constructor(processes: Processes, send: Send) {
    this.processes = processes;
    this.arrangement = new Arrangement(send);
  }

  /** The session is known from here on. */
  begin(session: string): void {
    const kept = recallView(session);
    if (kept !== null) {
      this.recalled = kept.layout;
      this.recent.value = kept.recent;
      this.zoomed.value = kept.zoomed;
    }
    effect(() => {
      const { value: layout } = this.layout;
      keepView(session, { recent: [...this.recent.value], zoomed: this.zoomed.value, layout });
    });
  }

  /** The newest layout has come. */
  tell(revision: number, layout: Layout): void {
    this.arrangement.told(revision, layout);
    this.told.value = true;
    this.processesChanged();
  }

  refused(code: "conflict" | "bad_layout"): void {
    this.arrangement.refused(code);
    this.changed.value += 1;
  }

  /** The connection was lost. */
  lost(): void {
    this.arrangement.lost();
  }

  /** A process has come, or one has ended. */
  processesChanged(): void {
    for (const [process, edit] of this.coming) {
      if (tree.tabOf(this.arrangement.layout, process) === -1) continue;
      if (!this.processes.all().includes(process)) continue;
      this.coming.delete(process);
      this.edit(edit);
      this.focus(process);
    }
    for (const process of this.closing) {
      if (!this.processes.ended(process)) continue;
      this.closing.delete(process);
      this.edit((layout) => tree.remove(layout, process));
    }
    this.changed.value += 1;
  }

  edit(edit: Edit): void {
    if (model.role.value === "watch") return;
    this.arrangement.edit(edit);
    this.changed.value += 1;
  }

  /** Starts another process, in a tab of its own. */
  newTab(): Promise<void> {
    return this.start((layout) => layout);
  }

  /** Starts another process beside the one that has the keyboard. */
  split(side: "right" | "down"): Promise<void> {
    const beside = this.focused.value;
    return this.start((layout, process) => tree.place(layout, process, { beside, side }));
  }

  /** Starts another process in the place of one that has ended. */
  restart(old: number): Promise<void> {
    return this.start((layout, process) =>
      tree.tabOf(layout, old) === -1 ? layout : tree.replace(layout, old, process),
    );
  }

  /** Takes a pane away; what still runs in it is ended. */
  async close(process: number): Promise<void> {
    const session = model.session.value;
    if (session === null) return;
    if (this.processes.ended(process)) {
      this.edit((layout) => tree.remove(layout, process));
    } else if (await api.endProcess(session, process)) this.closing.add(process);
    else model.remark.value = say("session.failed");
    this.processesChanged();
    this.grab();
  }

  /** Gives a pane the keyboard, and its tab the page. */
  focus(process: number): void {
    if (this.zoomed.value !== null && this.zoomed.value !== process) this.zoomed.value = null;
    this.hasKeyboard(process);
    this.grab();
  }

  /** A pane has got the keyboard by itself. */
  hasKeyboard(process: number): void {
    if (this.recent.value[0] === process) return;
    this.recent.value = [process, ...this.recent.value.filter((other) => other !== process)];
  }

  /** Gives the keyboard back to the pane that had it. */
  grab(): void {
    model.grabs.value += 1;
  }

  /** Shows the tab with this number. */
  showTab(number: number): void {
    const tab = this.layout.value.tabs[number];
    if (tab !== undefined) this.focus(this.lastIn(tab));
  }

  /** The pane of a tab that had the keyboard last. */
  lastIn(tab: Node): number {
    const panes = tree.panesOf(tab);
    return this.recent.value.find((process) => panes.includes(process)) ?? panes[0] ?? 1;
  }

  /** Gives the keyboard to the pane at this side; false where there is none to go to. */
  go(side: tree.Side): boolean {
    const tab = this.layout.value.tabs[this.active.value];
    if (tab === undefined || "pane" in tab) return false;
    const next = neighbour(boxesOf(tab, this.active.value), this.focused.value, side);
    if (next !== null) this.focus(next);
    return true;
  }

  /** Gives the pane with the keyboard all the room, or takes it back. */
  zoom(process = this.focused.value): void {
    const tab = this.layout.value.tabs[tree.tabOf(this.layout.value, process)];
    if (tab === undefined) return;
    const zoomed = this.zoomed.value === process;
    this.zoomed.value = zoomed || "pane" in tab ? null : process;
    this.hasKeyboard(process);
    this.grab();
  }

  private async start(edit: (layout: Layout, process: number) => Layout): Promise<void> {
    const session = model.session.value;
    if (session === null || model.role.value === "watch") return;
    const process = await api.startProcess(session, this.focused.value);
    if (process === null) {
      model.remark.value = say("session.failed");
      return;
    }
    this.coming.set(process, (layout) => edit(layout, process));
    this.processesChanged();
  }
}
