// Links in a terminal: only to the web, only in a tab that knows nothing of this one.

import { WebLinksAddon } from "@xterm/addon-web-links";
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

/** Finds links in plain text. */
export function findLinks(terminal: Terminal): void {
  terminal.loadAddon(new WebLinksAddon(follow));
}
