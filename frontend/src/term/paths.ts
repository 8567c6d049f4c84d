// Paths in a terminal's text: with Ctrl (or Cmd) held, a click asks to download what they name. Only
// what looks like a path for sure: with a slash in it, or with the ending of a file.

import type { IBufferCell, IBufferLine, ILink, Terminal } from "@xterm/xterm";

/** A path as programs print them, with the line number that compilers add left out. */
const PATH =
  /(?<![\w/:.@~-])(?:\.{0,2}\/)?(?:[\p{L}\p{N}_@%+.-]+\/)*[\p{L}\p{N}_@%+-]+(?:\.[\p{L}\p{N}_@%+-]+)*/gu;

/** The ending of a file: begins with a letter, so that numbers with a point are none. */
const ENDING = /\.[A-Za-z][A-Za-z0-9]{0,7}$/;

/** A path in a text, by where it begins and ends. */
export interface Found {
  path: string;
  start: number;
  end: number;
}

/** The paths in a line of text. */
export function pathsIn(text: string): Found[] {
  const found: Found[] = [];
  for (const { 0: path, index: start } of text.matchAll(PATH)) {
    const end = start + path.length;
    // What goes on like an address is one, and names with @ or a colon are hosts.
    if (text.startsWith("://", end) || /[@]|^[\d.]+$/.test(path)) continue;
    if (path.includes("/") ? path.length > 2 : ENDING.test(path)) found.push({ path, start, end });
  }
  return found;
}

/** A line as text, with the column of each of its characters. */
function read(line: IBufferLine, cell: IBufferCell): { text: string; columns: number[] } {
  let text = "";
  const columns: number[] = [];
  for (let column = 0; column < line.length; column += 1) {
    line.getCell(column, cell);
    if (cell.getWidth() === 0) continue;
    const characters = cell.getChars() || " ";
    for (let at = 0; at < characters.length; at += 1) columns.push(column);
    text += characters;
  }
  return { text, columns };
}

/** Makes the paths of a terminal links. */
export function findPaths(terminal: Terminal, opened: (path: string) => void): void {
  const apple = /Mac|iPhone|iPad/.test(navigator.userAgent);
  terminal.registerLinkProvider({
    provideLinks(y, answer) {
      const line = terminal.buffer.active.getLine(y - 1);
      if (line === undefined) return answer(undefined);
      const { text, columns } = read(line, terminal.buffer.active.getNullCell());
      const links = pathsIn(text).map(({ path, start, end }): ILink => {
        const from = { x: (columns[start] ?? 0) + 1, y };
        const to = { x: (columns[end - 1] ?? 0) + 1, y };
        return {
          text: path,
          range: { start: from, end: to },
          // A plain click is still for selecting: the pointer stays what it was.
          decorations: { pointerCursor: false, underline: true },
          activate: (event) => {
            if (apple ? event.metaKey : event.ctrlKey) opened(path);
          },
        };
      });
      answer(links);
    },
  });
}
