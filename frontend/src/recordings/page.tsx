// The page of recordings, loaded where its address is: all of them, or one that is played.

import "../style/dashboard.css";
import "../style/recordings.css";
import { render } from "preact";
import type { Begun } from "../opening";
import { notice } from "../ui/model";
import { RecordingsPage } from "../ui/recordings/recordings-page";
import { followViewport } from "../ui/viewport";
import { Archive } from "./archive";

/** Shows it, with what was asked already. */
export function start(begun: Exclude<Begun, { line: unknown }>, recording: string | null): void {
  followViewport();
  const archive = new Archive();
  if ("list" in begun) archive.take(begun.list);
  else if (begun.login === "unreachable") archive.found.value = "unreachable";
  else {
    archive.found.value = "login";
    notice.value = { about: "login", why: begun.login === "refused" ? "wrong" : begun.login };
  }
  const place = document.getElementById("app");
  if (place !== null) render(<RecordingsPage archive={archive} recording={recording} />, place);
}
