// The words of notifications.

import { words } from "../strings";

const NOTIFY = {
  "notify.begin": "Notify me while this page is hidden",
  "notify.end": "Notify me no more",
  "notify.begun":
    "You will be told of bells, long commands, ends and messages while the page is hidden.",
  "notify.over": "There will be no more notifications.",
  "notify.denied":
    "The browser does not allow notifications here. You can allow them in its settings for this site.",
  "notify.missing": "This browser has no notifications for this page: they need https.",
  "notify.unkept": "The browser keeps nothing for this page, so that it cannot notify you.",
  "notify.bell": "Bell",
  "notify.finished": "A command finished after {duration}",
  "notify.status": "A command finished with exit status {status} after {duration}",
} as const;

export const say = words(NOTIFY);
