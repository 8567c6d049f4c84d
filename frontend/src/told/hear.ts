// What programs tell beside their text goes where it is shown: those that write it into their
// terminal and those that say it over the control socket alike.

import type { News } from "../marks/news";
import type { ProcessModel } from "../ui/model";
import type { Told } from "./toasts";
import { wanted } from "./wanted";

/** Takes in what a terminal's program tells; `go` shows its pane. */
export function hear(model: ProcessModel, news: News, go: () => void): void {
  switch (news.kind) {
    case "folder":
      model.folder.value = news.path;
      return;
    case "progress":
      // What has ended makes no progress.
      if (model.exit.value === null) model.progress.value = news.progress;
      return;
    case "message": {
      const { title, text } = news;
      showToast(model, { kind: "notify", text, ...(title === "" ? {} : { title }) });
    }
  }
  if (document.visibilityState === "hidden" && wanted()) {
    void import("./notify").then(({ notify }) => notify(model, news, go));
  }
}

/** Takes in what a program tells over the control socket. */
export function hearNotice(model: ProcessModel, told: Told, go: () => void): void {
  if (told.kind === "notify") {
    hear(model, { kind: "message", title: told.title ?? "", text: told.text }, go);
    return;
  }
  if (told.kind === "progress") {
    const { value = null } = told;
    const progress = value === 100 ? null : ({ state: "normal", value } as const);
    hear(model, { kind: "progress", progress }, go);
  }
  showToast(model, told);
}

function showToast({ process, label }: ProcessModel, told: Told): void {
  void import("./toasts").then(({ show }) => show(process, label.value, told));
}
