// What a program asks to be put on the person's clipboard (OSC 52). Reading it is never answered.

import type { IDisposable, IParser } from "@xterm/xterm";

/** Hands on what a program wants copied, in base64 as it was sent, for as long as `heard` says so. */
export function hearCopies(
  parser: IParser,
  heard: () => boolean,
  wanted: (sent: string) => void,
): IDisposable {
  return parser.registerOscHandler(52, (data) => {
    // Which of the system's clipboards is meant stands before it; a browser has one.
    const sent = data.slice(data.indexOf(";") + 1);
    if (sent !== "?" && heard()) wanted(sent);
    return true;
  });
}
