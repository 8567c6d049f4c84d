// The words of the list of files.

import { words } from "../../strings";

const FILES = {
  "files.title": "Files",
  "files.path": "Path of the file",
  "files.pathHint": "In the folder where the program is, or below it.",
  "files.take": "Download",
  "files.progress": "Progress of {name}",
  "files.amount": "{done} of {size}",
  "files.cancel": "Cancel {name}",
  "files.close": "Take {name} off the list",
  "files.clear": "Clear",
  "files.queued": "Waits for its turn",
  "files.waiting": "No connection. Goes on by itself.",
  "files.exists": "There is a file of this name.",
  "files.replace": "Replace it",
  "files.again": "Try again",
  "files.uploaded": "Uploaded to {path}",
  "files.downloaded": "Downloaded",
  "files.off": "Files are switched off for this app.",
  "files.missing": "There is no such file or folder.",
  "files.refused": "This file may not be used.",
  "files.large": "This is more than may be uploaded.",
  "files.full": "The disk of the server has no room for it.",
  "files.gone": "The program has ended, and with it its folder.",
  "files.unreachable": "The server does not answer.",
  "files.failed": "That failed: {why}",
} as const;

export type FilesKey = keyof typeof FILES;

export const say = words(FILES);
