// Which renderer draws a terminal. The first screen is always drawn by the one that is there at
// once; the one of the graphics card follows in idle time, where there is a real card.

import type { Terminal } from "@xterm/xterm";

/** Renderers that are no card but a program that plays one: slower than no card at all. */
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/** Milliseconds after which the change is made although the page was never idle. */
const IDLE_DEADLINE = 3000;

/** Terminals that the card draws at once: browsers take contexts away from pages that have 16. */
const MAX_CARDS = 6;

let leased = 0;

export type Renderer = "dom" | "webgl";

function hasCard(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  if (context === null) return false;
  const info = context.getExtension("WEBGL_debug_renderer_info");
  const name = String(context.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(name);
}

function whenIdle(run: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(run, { timeout: IDLE_DEADLINE });
  else requestAnimationFrame(run);
}

/**
 * Gives the terminal to the graphics card when the page is idle, if there is a place left on it.
 * Returns how to give the place back.
 */
export function leaseCard(terminal: Terminal, changed: (renderer: Renderer) => void): () => void {
  let wanted = true;
  let give = () => {};
  whenIdle(async () => {
    if (!wanted || leased >= MAX_CARDS || !hasCard()) return;
    const { WebglAddon } = await import("@xterm/addon-webgl");
    if (!wanted || leased >= MAX_CARDS || terminal.element === undefined) return;
    const card = new WebglAddon();
    leased += 1;
    give = () => {
      give = () => {};
      leased -= 1;
      const contexts = contextsOf(terminal);
      card.dispose();
      // A context is only given back when it is told so; else it counts until it is collected.
      for (const context of contexts) context.getExtension("WEBGL_lose_context")?.loseContext();
    };
    card.onContextLoss(() => {
      give();
      changed("dom");
    });
    try {
      terminal.loadAddon(card);
      changed("webgl");
    } catch {
      give();
    }
  });
  return () => {
    wanted = false;
    give();
  };
}

function contextsOf(terminal: Terminal): WebGL2RenderingContext[] {
  const canvases = terminal.element?.querySelectorAll("canvas") ?? [];
  // Asking a canvas of the other kind for this kind of context gives null.
  return [...canvases].flatMap((canvas) => canvas.getContext("webgl2") ?? []);
}
