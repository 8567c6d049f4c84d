// What a terminal tells the page around it, and how it begins.

import type { Doubt } from "../paste/doubt";
import type { Size } from "./guess";
import type { Renderer } from "./renderer";

/** What a terminal tells. */
export interface TerminalEvents {
  typed(bytes: Uint8Array<ArrayBuffer>): void;
  titled(title: string): void;
  wanted(size: Size): void;
  /** Whether it has all the room that the page gives to terminals. */
  alone(): boolean;
  /** Whether it is shown in a size that does not fill its place. */
  boxed(boxed: boolean): void;
  drawnBy(renderer: Renderer): void;
  tabMoves(on: boolean): void;
  /** A path in its text was asked for. */
  path(path: string): void;
  /** The program wants something copied; in base64. */
  copied(sent: string): void;
  /** Something is to be pasted that needs the person's word. */
  doubtful(doubt: Doubt): void;
  /** Everything is wanted anew, with up to so many lines above the screen; null where nobody keeps
   * more of them. */
  older: ((lines: number) => void) | null;
}

/** How a terminal begins. */
export interface TerminalStart {
  size: Size;
  /** Somebody else answers what the program asks its terminal. */
  quiet: boolean;
  /** The first bytes are a replay of what others have seen and answered. */
  replay: boolean;
  /** Nothing but the program may be reached: no links, no selection, no keys of the page's own. */
  alone: boolean;
}
