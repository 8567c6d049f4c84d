// What the buttons and keys of a session do, with the questions that come first.

import type { Page } from "../page";
import { BASE } from "../route";
import { endSession } from "../session-api";
import { say } from "../strings";
import { confirm } from "./dialog";
import { remark, role, session } from "./model";
import { askProof } from "./overlay";

/** Closes a pane; asks first if something runs in it. The last one is the session's. */
export function closePane(page: Page, process: number): void {
  const pane = page.panes.value.find(({ model }) => model.process === process);
  if (pane === undefined || role.value === "watch") return;
  const ended = pane.model.exit.value !== null;
  if (page.panes.value.length === 1) {
    if (ended) location.assign(BASE);
    else endAll();
    return;
  }
  const act = () => void page.desk.close(process);
  if (ended) {
    act();
    return;
  }
  const title = say("close.title", { title: pane.model.label.value });
  confirm({ title, text: say("close.text"), yes: say("close.yes"), act });
}

/** Ends the session, once it was asked. */
export function endAll(): void {
  const id = session.value;
  if (id === null || role.value !== "owner") return;
  const act = async () => {
    const told = await endSession(id);
    if (told === "prove") await askProof(() => void act());
    else if (!told) remark.value = say("session.failed");
  };
  confirm({
    title: say("end.title"),
    text: say("end.text"),
    yes: say("end.yes"),
    act: () => void act(),
  });
}
