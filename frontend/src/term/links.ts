// Links in a terminal: only to the web, only in a tab that knows nothing of this one.

import type { ILinkHandler, Terminal } from "@xterm/xterm";

function follow(_event: MouseEvent, address: string): void {
  if (!URL.canParse(address)) return;
  const { protocol, href } = new URL(address);
  if (protocol === "http:" || protocol === "https:") {
    window.open(href, "_blank", "noopener,noreferrer");
  }
}

/** For links that a program marks as such. */
export const linkHandler: ILinkHandler = { activate: follow, allowNonHttpProtocols: false };

/** For a terminal whose links lead nowhere. */
export const noLinks: ILinkHandler = { activate: () => {} };

/** Finds links and paths in plain text, as soon as what finds them is there: nobody clicks before. */
export async function findLinks(terminal: Terminal, path: (path: string) => void): Promise<void> {
  const [{ WebLinksAddon }, { findPaths }] = await Promise.all([
    import("@xterm/addon-web-links"),
    import("./paths"),
  ]);
  if (!terminal.element?.isConnected) return;
  // Where both find something, the first one counts.
  terminal.loadAddon(new WebLinksAddon(follow));
  findPaths(terminal, path);
}
