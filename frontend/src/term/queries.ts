// Answers of the terminal to questions of the program (what are you, where is the cursor, which
// colour is that). Exactly one terminal may answer, and only once: where the server answers, this
// one keeps quiet; where it does not, this one answers what is asked now, never what is a replay of
// something that was asked and answered long ago.

import type { IDisposable, IParser } from "@xterm/xterm";

/** Control sequences that ask: identity, status, cursor, modes, parameters, version. */
const CSI = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: ">", final: "q" },
  { final: "x" },
  { prefix: "?", final: "u" },
];

/** Settings of the terminal and terminal capabilities that can be asked for. */
const DCS = [
  { intermediates: "$", final: "q" },
  { intermediates: "+", final: "q" },
];

/** Colours: a question mark in place of a value asks. The clipboard has a file of its own. */
const OSC = [4, 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];

/** The window's reports among its manipulations; the others are not answered. */
const WINDOW_REPORTS = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21]);

/** Keeps the terminal from answering for as long as `quiet` says so. */
export function swallowQueries(parser: IParser, quiet: () => boolean): IDisposable {
  const handlers: IDisposable[] = [
    ...CSI.map((id) => parser.registerCsiHandler(id, quiet)),
    ...DCS.map((id) => parser.registerDcsHandler(id, quiet)),
    ...OSC.map((id) =>
      parser.registerOscHandler(id, (data) => data.split(";").includes("?") && quiet()),
    ),
    parser.registerCsiHandler({ final: "t" }, ([first]) => {
      return typeof first === "number" && WINDOW_REPORTS.has(first) && quiet();
    }),
  ];
  return {
    dispose: () => {
      for (const handler of handlers) handler.dispose();
    },
  };
}
