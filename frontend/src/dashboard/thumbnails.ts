// The screens on the cards: all drawn on one canvas that lies in the scrolled page beside them. It is
// as high as two windows and is moved, and drawn again, when the page is scrolled towards its edge;
// between that it scrolls with everything else.

import type { Signal } from "@preact/signals";
import type { Answer } from "../asker";
import type { Clock } from "../session/ports";
import { hasScreen, isShut, type Listed } from "./session";

/** Milliseconds between two looks at one screen. */
const PERIOD = 1_000;

/** How high the canvas is, in heights of the window. */
const HEIGHTS = 2;

/** Pixels of the canvas for one of the page, at most: what is drawn is small and coarse. */
const MAX_SCALE = 2;

/** Draws a digest into a place of a canvas. */
export type Draw = (context: CanvasRenderingContext2D, place: DOMRect, digest: ArrayBuffer) => void;

/** Screens that are remembered at most, of 2 KiB each: a search hides cards and shows them again. */
const MAX_KNOWN = 1_000;

interface Thumbnail {
  element: HTMLElement;
  visible: boolean;
  asking: boolean;
  known: Known;
}

/** What was told of a screen last. */
interface Known {
  tag: string | null;
  digest: ArrayBuffer | null;
  /** What it shows is the last that there will ever be. */
  last: boolean;
}

export class Thumbnails {
  private readonly clock: Clock;
  private readonly ask: (id: string, tag: string | null) => Promise<Answer>;
  private readonly session: (id: string) => Signal<Listed> | undefined;
  private readonly draw: Draw;
  private readonly all = new Map<string, Thumbnail>();
  private readonly known = new Map<string, Known>();
  private readonly idOf = new WeakMap<Element, string>();
  private canvas: HTMLCanvasElement | null = null;
  private scroller: HTMLElement | null = null;
  private frame = 0;
  private cancel: () => void = () => {};
  private running = false;
  private readonly seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const thumbnail = this.all.get(this.idOf.get(target) ?? "");
      if (thumbnail !== undefined) thumbnail.visible = isIntersecting;
    }
    this.look();
    this.moved();
  });

  constructor(
    clock: Clock,
    ask: (id: string, tag: string | null) => Promise<Answer>,
    session: (id: string) => Signal<Listed> | undefined,
    draw: Draw,
  ) {
    this.clock = clock;
    this.ask = ask;
    this.session = session;
    this.draw = draw;
  }

  /** Draws on this canvas, which lies in what this element scrolls. Returns how to stop. */
  attach(scroller: HTMLElement, canvas: HTMLCanvasElement): () => void {
    this.scroller = scroller;
    this.canvas = canvas;
    const scrolled = () => {
      if (this.isNearEdge()) this.moved();
    };
    const sized = new ResizeObserver(() => this.moved());
    sized.observe(scroller);
    const list = scroller.querySelector(".tiles");
    if (list !== null) sized.observe(list);
    scroller.addEventListener("scroll", scrolled, { passive: true });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const recoloured = () => this.moved();
    scheme.addEventListener("change", recoloured);
    this.moved();
    return () => {
      sized.disconnect();
      scroller.removeEventListener("scroll", scrolled);
      scheme.removeEventListener("change", recoloured);
      this.canvas = null;
      this.scroller = null;
    };
  }

  /** A card with this place for its screen is on the page. Returns how to forget it. */
  show(id: string, element: HTMLElement): () => void {
    const known = this.remember(id);
    this.all.set(id, { element, visible: false, asking: false, known });
    this.idOf.set(element, id);
    this.seen.observe(element);
    return () => {
      this.seen.unobserve(element);
      this.all.delete(id);
    };
  }

  /** Looks at what is in view, from now on. */
  start(): void {
    this.running = true;
    this.look();
  }

  /** Nobody looks. */
  pause(): void {
    this.running = false;
    this.cancel();
  }

  /** Cards may lie elsewhere than they did. */
  moved(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.drawAll();
    });
  }

  private look(): void {
    this.cancel();
    if (!this.running) return;
    for (const [id, thumbnail] of this.all) {
      if (thumbnail.visible && !thumbnail.asking && !thumbnail.known.last)
        void this.fetch(id, thumbnail);
    }
    this.cancel = this.clock.after(PERIOD, () => this.look());
  }

  private async fetch(id: string, thumbnail: Thumbnail): Promise<void> {
    const session = this.session(id)?.peek();
    if (session === undefined) return;
    const { known } = thumbnail;
    if (isShut(session) && known.digest !== null) {
      // What was seen of it before is not to be seen now.
      known.digest = known.tag = null;
      this.moved();
    }
    if (!hasScreen(session)) return;
    thumbnail.asking = true;
    const answer = await this.ask(id, known.tag);
    thumbnail.asking = false;
    const told = answer.status === 200 || answer.status === 304;
    known.last = told && session.state === "ended";
    if (answer.status !== 200 || answer.bytes === null) return;
    known.tag = answer.tag;
    known.digest = answer.bytes;
    this.moved();
  }

  private remember(id: string): Known {
    const known = this.known.get(id) ?? { tag: null, digest: null, last: false };
    // The one that was looked at last is forgotten last.
    this.known.delete(id);
    this.known.set(id, known);
    const [oldest] = this.known.keys();
    if (oldest !== undefined && this.known.size > MAX_KNOWN) this.known.delete(oldest);
    return known;
  }

  private isNearEdge(): boolean {
    const { canvas, scroller } = this;
    if (canvas === null || scroller === null) return false;
    const top = canvas.offsetTop;
    const above = scroller.scrollTop - top;
    const below = top + canvas.offsetHeight - scroller.scrollTop - scroller.clientHeight;
    return above < 0 || below < 0;
  }

  private drawAll(): void {
    const { canvas, scroller } = this;
    const context = canvas?.getContext("2d");
    if (canvas === null || scroller === null || context == null) return;
    const scale = Math.min(devicePixelRatio, MAX_SCALE);
    const width = scroller.clientWidth;
    // Not what is scrolled, which the canvas itself may make larger.
    const list = scroller.querySelector<HTMLElement>(".tiles");
    const end = list === null ? 0 : list.offsetTop + list.offsetHeight;
    const content = Math.max(scroller.clientHeight, end);
    const height = Math.min(scroller.clientHeight * HEIGHTS, content);
    const spare = (height - scroller.clientHeight) / 2;
    const top = Math.max(0, Math.min(scroller.scrollTop - spare, content - height));
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.style.top = `${top}px`;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const origin = canvas.getBoundingClientRect();
    for (const { element, known } of this.all.values()) {
      const { digest } = known;
      if (digest === null) continue;
      const at = element.getBoundingClientRect();
      if (at.bottom < origin.top || at.top > origin.bottom) continue;
      const place = new DOMRect(at.left - origin.left, at.top - origin.top, at.width, at.height);
      this.draw(context, place, digest);
    }
  }
}
