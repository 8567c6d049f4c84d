// JupyterLab's own terminal client: types, and prints what comes until the terminal has gone.
// Usage: node jupyter.mjs HTTP_URL NAME LINE
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { ServerConnection } = require("@jupyterlab/services/lib/serverconnection");
const { TerminalConnection } = require("@jupyterlab/services/lib/terminal/default");
const Ws = require("ws");

const [base, name, line] = process.argv.slice(2);
class WebSocket extends Ws {
  constructor(url, protocols) {
    super(url, protocols ?? [], { headers: { Authorization: `Bearer ${process.env.TOKEN}` } });
  }
}
const serverSettings = ServerConnection.makeSettings({
  baseUrl: base,
  wsUrl: base.replace("http", "ws"),
  appendToken: false,
  WebSocket,
});
const terminal = new TerminalConnection({ model: { name }, serverSettings });
terminal.connectionStatusChanged.connect((_, status) => {
  if (status !== "connected") return;
  terminal.send({ type: "set_size", content: [30, 90, 600, 800] });
  terminal.send({ type: "stdin", content: [`${line}\r`] });
});
terminal.messageReceived.connect((_, message) => {
  if (message.type === "stdout") process.stdout.write(message.content[0]);
});
terminal.disposed.connect(() => {
  console.log("DISCONNECTED");
  process.exit(0);
});
