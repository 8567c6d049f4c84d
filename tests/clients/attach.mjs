// xterm.js with its own attach add-on: types, and prints the screen when the socket closes.
// Usage: node attach.mjs URL LINE
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
globalThis.self ??= globalThis;
const { Terminal } = require("@xterm/headless");
const { AttachAddon } = require("@xterm/addon-attach");
const WebSocket = require("ws");
globalThis.WebSocket = WebSocket;

const [url, line] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
const socket = new WebSocket(url, { headers });
const terminal = new Terminal({ cols: 90, rows: 30, allowProposedApi: true });
terminal.loadAddon(new AttachAddon(socket));
socket.addEventListener("open", () => terminal.input(`${line}\r`));
socket.addEventListener("close", () => {
  terminal.write("", () => {
    const rows = terminal.buffer.active;
    for (let row = 0; row < rows.length; row += 1) {
      const text = rows.getLine(row).translateToString(true);
      if (text !== "") console.log(text);
    }
  });
});
