// What a terminal's program tells beside its text goes where it is shown.

import type { News } from "../marks/news";
import type { ProcessModel } from "../ui/model";

/** Takes it in. */
export function hear(model: ProcessModel, news: News): void {
  switch (news.kind) {
    case "folder":
      model.folder.value = news.path;
      return;
    case "progress":
      // What has ended makes no progress.
      if (model.exit.value === null) model.progress.value = news.progress;
      return;
    default:
      return;
  }
}
