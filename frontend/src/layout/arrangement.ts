// The layout that all viewers of a session share, and this viewer's changes to it on their way to
// the server. What is shown is the newest layout with these changes in it; a change that met another
// viewer's is made again on top of theirs, where it still applies.

import type { Layout } from "../gen/Layout";
import { same } from "./tree";

/** A change: gives the layout with it, or the same one where it does not apply. It must be one that
 * changes nothing the second time. */
export type Edit = (layout: Layout) => Layout;

/** Times that a change is tried: two people who pull at one thing come to an end. */
const TRIES = 3;

interface Pending {
  edit: Edit;
  tries: number;
}

interface Underway {
  revision: number;
  layout: Layout;
}

/** What carries a layout to the server. */
export type Send = (revision: number, layout: Layout) => void;

export class Arrangement {
  private revision = -1;
  private newest: Layout = { tabs: [] };
  private pending: Pending[] = [];
  private underway: Underway | null = null;
  private readonly send: Send;

  constructor(send: Send) {
    this.send = send;
  }

  /** The layout with this viewer's changes in it. */
  get layout(): Layout {
    return this.pending.reduce((layout, { edit }) => edit(layout), this.newest);
  }

  /** Changes it. */
  edit(edit: Edit): void {
    if (same(this.layout, edit(this.layout))) return;
    this.pending.push({ edit, tries: 0 });
    this.advance();
  }

  /** The newest layout has come. */
  told(revision: number, layout: Layout): void {
    const { underway } = this;
    this.revision = revision;
    this.newest = layout;
    if (underway !== null && revision > underway.revision) this.underway = null;
    this.advance();
  }

  /** The server did not take what was sent: others were quicker, or it does not apply. */
  refused(code: "conflict" | "bad_layout"): void {
    if (this.underway === null) return;
    if (code === "bad_layout") {
      this.pending = [];
      this.underway = null;
      return;
    }
    // The layout that was quicker comes by itself, if it has not come yet.
    if (this.revision > this.underway.revision) this.underway = null;
    this.advance();
  }

  /** A connection was lost: what was underway may not have arrived. The newest layout follows. */
  lost(): void {
    this.underway = null;
    this.revision = -1;
  }

  private advance(): void {
    if (this.underway !== null || this.revision === -1) return;
    this.pending = this.pending.filter((change) => change.tries < TRIES);
    const { layout } = this;
    if (same(layout, this.newest)) {
      this.pending = [];
      return;
    }
    for (const change of this.pending) change.tries += 1;
    this.underway = { revision: this.revision, layout };
    this.send(this.revision, layout);
  }
}
