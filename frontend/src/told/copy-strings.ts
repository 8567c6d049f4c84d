// The words with which a program's wish to copy is shown.

import { words } from "../strings";

const COPY = {
  "copy.title": "{from} wants to copy this",
  "copy.rest": "{count} characters in all",
  "copy.once": "Copy",
  "copy.always": "Always in this session",
  "copy.never": "Never in this session",
  "copy.done": "{from} has copied {count} characters.",
  "copy.large": "{from} wanted to copy more than the page takes: nothing was copied.",
  "copy.failed": "The browser does not let the page copy.",
} as const;

export const say = words(COPY);
