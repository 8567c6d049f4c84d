// The words of recordings.

import { words } from "../../strings";

export const sayRecordings = words({
  "rec.title": "Recordings",
  "rec.home": "All sessions",
  "rec.back": "All recordings",
  "rec.loading": "Loading…",
  "rec.none": "Nothing is recorded",
  "rec.noneHint": "An app with record = true has its terminals recorded.",
  "rec.live": "being recorded",
  "rec.until": "kept until {time}",
  "rec.delete": "Delete",
  "rec.deleteIt": "Delete the recording of {app}, {time}",
  "rec.sure": "Delete for good",
  "rec.keep": "Keep",
  "rec.forbidden": "Recordings are for owners alone.",
  "rec.missing": "There is no such recording.",
  "rec.busy": "It is still being recorded: it ends with its program.",
  "rec.unreachable": "The server cannot be reached.",
  "rec.retry": "Try again",
  "rec.broken": "This is no recording that can be played: line {line} is wrong.",
  "rec.long": "It is too long for this page. In a terminal: {command}",
  "rec.proveWhy":
    "A recording shows what others saw, and your login is some time ago: show again who you are.",
  "rec.proveYes": "Log in and go on",
  "rec.play": "Play",
  "rec.pause": "Pause",
  "rec.again": "Play again",
  "rec.seek": "Place in the recording",
  "rec.place": "{at} of {length}",
  "rec.speed": "Speed",
  "rec.shorten": "Shorten pauses",
  "rec.save": "Save the file",
  "rec.screen": "What the terminal showed",
  "rec.mark": "Mark: {label}",
});
