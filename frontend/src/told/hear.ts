// What programs tell beside their text goes where it is shown: those that write it into their
// terminal and those that say it over the control socket alike.

import type { News } from "../marks/news";
import type { Progress } from "../marks/sequence";
import { inDigits } from "../strings";
import { focused, type ProcessModel, session } from "../ui/model";
import { show, type Told } from "./toasts";
import { wanted } from "./wanted";

/** Takes in what a program tells; `go` shows its pane. */
export function hear(model: ProcessModel, news: News, go: () => void): void {
  const toast = (told: Told) => show(model.process, model.label.value, told);
  switch (news.kind) {
    case "folder":
      model.folder.value = news.path;
      return;
    case "progress":
      if ("text" in news) toast(news);
      // What has ended makes no progress.
      if (model.exit.value === null) model.progress.value = progressOf(news);
      return;
    case "open":
    case "clip":
      toast(news);
      return;
    case "offer":
    case "upload":
    case "secret":
    case "confirm":
    case "answered": {
      const { value: id } = session;
      const from = { process: model.process, from: model.label.value };
      const front = focused.value === model.process;
      if (id === null) return;
      void import("./asks").then(({ asked }) => asked({ session: id, ...from, front, go }, news));
      break;
    }
    case "expiring": {
      const { seconds } = news;
      void import("../ui/locked/strings").then(({ say }) => {
        toast({ kind: "notify", text: say("locked.soon", { seconds: inDigits(seconds) }) });
      });
      return;
    }
    case "notify":
      toast(news);
      break;
    default:
  }
  if (document.visibilityState === "hidden" && wanted()) {
    void import("./notify").then(({ notify }) => notify(model, news, go));
  }
}

function progressOf(news: Extract<News, { kind: "progress" }>): Progress | null {
  if ("progress" in news) return news.progress;
  const { value = null } = news;
  return value === 100 ? null : { state: "normal", value };
}
