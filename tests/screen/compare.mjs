// Compares a terminal that was shown a whole stream with one that was shown a snapshot of it.
//
// The manifest has one checkpoint per line: category, name, stream file, cut, snapshot file,
// separated by tabs. Terminal A gets the stream up to the cut, terminal B the snapshot; both are
// compared, then both get the rest of the stream and are compared again. Prints a table and one
// JSON line with the scores.

import { readFileSync } from "node:fs";
import headless from "@xterm/headless";
import unicode from "@xterm/addon-unicode11";

const COLUMNS = 80;
const ROWS = 24;
// More than any recording scrolls, so that nothing is lost on either side.
const SCROLLBACK = 50_000;
// Colour mode bits of a cell: the sixteen colours are the same however they were named.
const MODE_MASK = 0x3000000;
const MODE_16 = 0x1000000;
const MODE_256 = 0x2000000;
const HAS_EXTENDED = 0x10000000;

function open() {
  const terminal = new headless.Terminal({
    cols: COLUMNS,
    rows: ROWS,
    scrollback: SCROLLBACK,
    allowProposedApi: true,
    logLevel: "off",
    windowOptions: { pushTitle: true, popTitle: true },
  });
  terminal.loadAddon(new unicode.Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  terminal.colors = {};
  terminal._core._inputHandler.onColor((events) => {
    for (const { type, index, color } of events) {
      if (type === 1) terminal.colors[index] = String(color);
      if (type === 2 && index !== undefined) delete terminal.colors[index];
      if (type === 2 && index === undefined) terminal.colors = {};
    }
  });
  return terminal;
}

const write = (terminal, bytes) => new Promise((resolve) => terminal.write(bytes, resolve));

const color = (value) => ((value & MODE_MASK) === MODE_16 ? (value & ~MODE_MASK) | MODE_256 : value);

function cellText(cell, core) {
  const chars = cell.getChars() || (cell.getWidth() ? " " : "");
  const extended = cell.bg & HAS_EXTENDED ? cell.extended : undefined;
  const underline = extended?.underlineStyle || 0;
  const under = underline ? color(extended.underlineColor & 0x3ffffff) : 0;
  const link = extended?.urlId ? core._oscLinkService.getLinkData(extended.urlId)?.uri : "";
  return `${chars}|${cell.getWidth()}|${color(cell.fg)}|${color(cell.bg & ~HAS_EXTENDED)}|${underline}|${under}|${link}`;
}

function rows(buffer, core) {
  const found = [];
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    const cells = [line.isWrapped ? "wrapped" : "start"];
    for (let x = 0; x < COLUMNS; x++) cells.push(cellText(line.getCell(x), core));
    found.push(cells.join("\n"));
  }
  return found;
}

function bufferState(buffer) {
  return {
    x: buffer.x,
    y: buffer.y,
    savedX: buffer.savedX ?? 0,
    savedY: (buffer.savedY ?? 0) - buffer.ybase,
    savedPen: [color(buffer.savedCurAttrData.fg), color(buffer.savedCurAttrData.bg & ~HAS_EXTENDED)],
    savedCharset: buffer.savedCharset,
    region: [buffer.scrollTop, buffer.scrollBottom],
    tabs: Object.keys(buffer.tabs).filter((stop) => buffer.tabs[stop] && stop < COLUMNS),
  };
}

function state(terminal) {
  const core = terminal._core;
  const pen = core._inputHandler._curAttrData;
  const active = core.buffers.active;
  const { synchronizedOutput: _sync, ...modes } = core.coreService.decPrivateModes;
  const all = {
    modes,
    cursor: bufferState(active),
    insert: core.coreService.modes.insertMode,
    newline: core.optionsService.rawOptions.convertEol,
    blink: core.optionsService.rawOptions.cursorBlink,
    hidden: core.coreService.isCursorHidden,
    mouse: [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding],
    title: core._inputHandler._windowTitle,
    charset: core._charsetService.charset,
    shift: core._charsetService.glevel,
    colors: terminal.colors,
    pen: [color(pen.fg), color(pen.bg & ~HAS_EXTENDED)],
  };
  if (active === core.buffers.alt) {
    const { x: _x, y: _y, ...primary } = bufferState(core.buffers.normal);
    all.primary = primary;
  }
  return all;
}

// What differs between two terminals, by kind; the first place of each.
function differences(a, b) {
  const screen = [];
  if (a.buffer.active.type !== b.buffer.active.type) screen.push("which screen is shown");
  for (const name of ["normal", "alternate"]) {
    if (name === "alternate" && a.buffer.active.type === "normal") continue;
    const [left, right] = [rows(a.buffer[name], a._core), rows(b.buffer[name], b._core)];
    if (left.length !== right.length) screen.push(`${name}: ${left.length} rows, not ${right.length}`);
    const y = left.findIndex((row, index) => row !== right[index]);
    if (y >= 0 && right[y] !== undefined) {
      const [one, two] = [left[y].split("\n"), right[y].split("\n")];
      const x = one.findIndex((cell, index) => cell !== two[index]);
      screen.push(`${name} row ${y} column ${x - 1}: ${one[x]} not ${two[x]}`);
    }
  }
  const [left, right] = [state(a), state(b)];
  const hidden = Object.keys(left)
    .filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key]))
    .map((key) => `${key}: ${JSON.stringify(left[key])} not ${JSON.stringify(right[key])}`.slice(0, 400));
  return { screen, hidden };
}

async function checkpoint(stream, cut, snapshot) {
  const [a, b] = [open(), open()];
  await write(a, stream.subarray(0, cut));
  await write(b, snapshot);
  const now = differences(a, b);
  await write(a, stream.subarray(cut));
  await write(b, stream.subarray(cut));
  const later = differences(a, b);
  a.dispose();
  b.dispose();
  return { now, later };
}

const scores = {};
const count = (category, key) => {
  for (const name of [category, "total"]) {
    scores[name] ??= { checkpoints: 0, screen: 0, all: 0, continuation: 0 };
    scores[name][key] += 1;
  }
};

const verbose = process.argv.includes("--verbose");
for (const line of readFileSync(process.argv[2], "utf8").trimEnd().split("\n")) {
  const [category, name, file, cut, snapshot] = line.split("\t");
  const { now, later } = await checkpoint(readFileSync(file), Number(cut), readFileSync(snapshot));
  count(category, "checkpoints");
  if (now.screen.length === 0) count(category, "screen");
  if (now.screen.length + now.hidden.length === 0) count(category, "all");
  if (later.screen.length + later.hidden.length === 0) count(category, "continuation");
  const faults = [...now.screen, ...now.hidden, ...(now.screen.length + now.hidden.length === 0 ? later.screen.concat(later.hidden).map((text) => `later ${text}`) : [])];
  if (verbose && faults.length) console.log(`${category}-${name} at ${cut}:\n  ${faults.join("\n  ")}`);
}
for (const [name, { checkpoints, screen, all, continuation }] of Object.entries(scores)) {
  console.log(`${name.padEnd(10)} checkpoints ${checkpoints}, screen-exact ${screen}, exact in every mode ${all}, continuation-exact ${continuation}`);
}
console.log(JSON.stringify(scores));
