// Which renderer draws a terminal. The first screen is always drawn by the one that is there at
// once; the one of the graphics card follows in idle time, where there is a real card.

import type { Terminal } from "@xterm/xterm";

/** Renderers that are no card but a program that plays one: slower than no card at all. */
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/** Milliseconds after which the change is made although the page was never idle. */
const IDLE_DEADLINE = 3000;

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

/** Gives the terminal to the graphics card when the page is idle, and takes it back when that fails. */
export function useCardWhenIdle(terminal: Terminal, changed: (renderer: Renderer) => void): void {
  whenIdle(async () => {
    if (!hasCard()) return;
    const { WebglAddon } = await import("@xterm/addon-webgl");
    if (terminal.element === undefined) return;
    const card = new WebglAddon();
    card.onContextLoss(() => {
      card.dispose();
      changed("dom");
    });
    try {
      terminal.loadAddon(card);
      changed("webgl");
    } catch {
      card.dispose();
    }
  });
}
