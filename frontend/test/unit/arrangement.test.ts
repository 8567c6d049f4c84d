// Several viewers who change one layout: what they see comes to be the same, and nobody's change is
// lost without a reason.

import { expect, test } from "vitest";
import type { Layout } from "../../src/gen/Layout";
import { Arrangement } from "../../src/layout/arrangement";
import * as tree from "../../src/layout/tree";
import { random } from "./random";

interface Sent {
  revision: number;
  layout: Layout;
}

/** A server with its rule, and viewers at the ends of lines that take their time. */
class World {
  revision = 1;
  layout: Layout = { tabs: [{ pane: 1 }, { pane: 2 }, { pane: 3 }, { pane: 4 }] };
  refusals = 0;
  readonly viewers: { arrangement: Arrangement; up: Sent[]; down: (() => void)[] }[] = [];

  join(): Arrangement {
    const up: Sent[] = [];
    const arrangement = new Arrangement((revision, layout) => up.push({ revision, layout }));
    this.viewers.push({ arrangement, up, down: [] });
    arrangement.told(this.revision, this.layout);
    return arrangement;
  }

  /** The server takes in what one viewer sent. */
  take(index: number): void {
    const viewer = this.viewers[index];
    const sent = viewer?.up.shift();
    if (viewer === undefined || sent === undefined) return;
    if (sent.revision !== this.revision) {
      this.refusals += 1;
      viewer.down.push(() => viewer.arrangement.refused("conflict"));
      return;
    }
    this.change(sent.layout);
  }

  change(layout: Layout): void {
    this.revision += 1;
    this.layout = layout;
    const { revision } = this;
    for (const { arrangement, down } of this.viewers) {
      down.push(() => arrangement.told(revision, layout));
    }
  }

  /** One viewer hears the next thing. */
  hear(index: number): void {
    this.viewers[index]?.down.shift()?.();
  }

  settle(): void {
    while (this.viewers.some(({ up, down }) => up.length + down.length > 0)) {
      this.viewers.forEach((_, index) => {
        this.take(index);
        this.hear(index);
      });
    }
  }
}

test("a change is seen at once and sent once", () => {
  const world = new World();
  const arrangement = world.join();
  arrangement.edit((layout) => tree.place(layout, 2, { beside: 1, side: "right" }));
  expect(arrangement.layout.tabs.length).toBe(3);
  expect(world.layout.tabs.length).toBe(4);
  world.settle();
  expect(world.layout).toEqual(arrangement.layout);
  expect(world.revision).toBe(2);
});

test("two changes at one moment both come to be", () => {
  const world = new World();
  const [one, other] = [world.join(), world.join()];
  one.edit((layout) => tree.place(layout, 2, { beside: 1, side: "right" }));
  other.edit((layout) => tree.place(layout, 4, { beside: 3, side: "down" }));
  world.settle();
  expect(world.refusals).toBe(1);
  expect(world.layout.tabs.map(tree.panesOf)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(one.layout).toEqual(world.layout);
  expect(other.layout).toEqual(world.layout);
});

test("a change of what is gone meanwhile is given up", () => {
  const world = new World();
  const [one, other] = [world.join(), world.join()];
  one.edit((layout) => tree.remove(layout, 2));
  other.edit((layout) => tree.place(layout, 4, { beside: 2, side: "down" }));
  world.settle();
  expect(tree.allPanes(world.layout)).toEqual([1, 3, 4]);
  expect(other.layout).toEqual(world.layout);
});

test("a layout that the server does not take is given up", () => {
  const world = new World();
  const arrangement = world.join();
  arrangement.edit((layout) => tree.remove(layout, 1));
  arrangement.refused("bad_layout");
  expect(arrangement.layout).toEqual(world.layout);
});

test("a change that was underway when the line was lost is made again", () => {
  const world = new World();
  const arrangement = world.join();
  arrangement.edit((layout) => tree.moveTab(layout, 4, 1));
  for (const viewer of world.viewers) viewer.up.length = 0;
  arrangement.lost();
  arrangement.told(world.revision, world.layout);
  world.settle();
  expect(tree.allPanes(world.layout)).toEqual([4, 1, 2, 3]);
});

test("whatever the order, all come to see one layout", () => {
  const sides = ["left", "right", "up", "down"] as const;
  for (let seed = 1; seed <= 100; seed++) {
    const dice = random(seed);
    const world = new World();
    const viewers = [world.join(), world.join(), world.join()];
    let last = 4;
    for (let step = 0; step < 40; step++) {
      const viewer = dice(3);
      const [process, other] = [1 + dice(last), 1 + dice(last)];
      const side = sides[dice(4)] ?? "left";
      switch (dice(5)) {
        case 0:
          viewers[viewer]?.edit((layout) => {
            const known = tree.tabOf(layout, process) !== -1;
            return known ? tree.place(layout, process, { beside: other, side }) : layout;
          });
          break;
        case 1:
          viewers[viewer]?.edit((layout) => tree.moveTab(layout, process, other));
          break;
        case 2:
          world.take(viewer);
          break;
        case 3:
          world.hear(viewer);
          break;
        default:
          if (last < 8 && dice(4) === 0) {
            last += 1;
            world.change({ tabs: [...world.layout.tabs, { pane: last }] });
          }
      }
    }
    world.settle();
    for (const { layout } of viewers) expect(layout, `seed ${seed}`).toEqual(world.layout);
    expect(tree.allPanes(world.layout).length).toBe(last);
  }
});
