// Notifications of the system, for a page that nobody looks at: what happened and where, and none of
// what a terminal shows.

import type { News } from "../marks/news";
import { durationWords } from "../ui/marks/words";
import { exitWords, type ProcessModel, remark, session } from "../ui/model";
import { say } from "./notify-strings";
import { want, wanted } from "./wanted";

/** Milliseconds that a command took at least whose end is told: nobody goes away for less. */
const LONG = 10_000;

/** Milliseconds between two bells of a process: a program may ring a thousand times a second. */
const BELL_REST = 2000;

const rung = new Map<number, number>();

/** What shows the pane of a worker's notification, by its tag: one for each process. */
const shown = new Map<string, () => void>();

/** Shows a notification, if this is worth one; `go` shows the pane that it is about. */
export function notify(model: ProcessModel, news: News, go: () => void): void {
  const body = bodyOf(model, news);
  if (body === null || !allowed() || (news.kind === "bell" && !rings(model.process))) return;
  const { value: label } = model.label;
  const title = news.kind === "notify" ? (news.title ?? label) : label;
  // The next one of the same process takes the place of the one before.
  const tag = `awp/${session.value ?? ""}/${model.process}`;
  try {
    const own = new Notification(title, { body, tag });
    own.addEventListener("click", () => {
      window.focus();
      go();
      own.close();
    });
  } catch {
    // A browser that shows notifications of workers only, as those of Android.
    byWorker(title, { body, tag }, go).catch(() => undefined);
  }
}

/** Has the page's service worker show it; its click comes back as a message that names the tag. */
async function byWorker(
  title: string,
  options: { body: string; tag: string },
  go: () => void,
): Promise<void> {
  const { serviceWorker } = navigator;
  const registration = await serviceWorker?.getRegistration();
  const worker = registration?.active;
  if (worker == null) return;
  if (shown.size === 0) serviceWorker.addEventListener("message", clicked);
  shown.set(options.tag, go);
  worker.postMessage({ notify: { ...options, title, address: location.href } });
}

function clicked({ data }: MessageEvent): void {
  if (typeof data?.clicked === "string") shown.get(data.clicked)?.();
}

/** Whether a bell is heard, and not one of many. */
function rings(process: number): boolean {
  const now = performance.now();
  if (now - (rung.get(process) ?? Number.NEGATIVE_INFINITY) < BELL_REST) return false;
  rung.set(process, now);
  return true;
}

function bodyOf(model: ProcessModel, news: News): string | null {
  switch (news.kind) {
    case "bell":
      return say("notify.bell");
    case "notify":
    case "secret":
    case "confirm":
    case "upload":
      return news.text;
    case "ended":
      return exitWords(model.name.value, news.status);
    case "finished": {
      if (news.duration === null || news.duration < LONG) return null;
      const duration = durationWords(news.duration);
      if (news.status === null) return say("notify.finished", { duration });
      return say("notify.status", { status: String(news.status), duration });
    }
    default:
      return null;
  }
}

/** Whether notifications are shown from now on while the page is hidden. */
export function notifying(): boolean {
  return wanted() && allowed();
}

/** Asks for them, by the person's own hand; says what came of it. */
export async function begin(): Promise<void> {
  if (!("Notification" in window) || !isSecureContext) {
    remark.value = say("notify.missing");
    return;
  }
  if ((await Notification.requestPermission()) !== "granted") {
    remark.value = say("notify.denied");
    return;
  }
  remark.value = say(want(true) ? "notify.begun" : "notify.unkept");
}

/** Ends them. */
export function end(): void {
  want(false);
  remark.value = say("notify.over");
}

function allowed(): boolean {
  return "Notification" in window && Notification.permission === "granted";
}
