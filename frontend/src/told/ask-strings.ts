// The words with which programs ask the person who looks at their session.

import { words } from "../strings";

const ASKS = {
  "asks.secret": "{from} asks for a secret",
  "asks.shown": "{from} asks",
  "asks.confirm": "{from} asks",
  "asks.upload": "{from} asks for a file",
  "asks.place": "It goes to {path}.",
  "asks.offer": "{from} has a file for you",
  "asks.send": "Send",
  "asks.show": "Show what is typed",
  "asks.yes": "Yes",
  "asks.no": "No",
  "asks.choose": "Choose a file",
  "asks.save": "Save",
  "asks.refuse": "Refuse",
  "asks.size": "{name}, {size}",
  "asks.failed": "Nobody waits for this answer any more.",
} as const;

export const say = words(ASKS);
