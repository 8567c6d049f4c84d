// The words of what asks again who is there.

import { words } from "../../strings";

export const sayProve = words({
  "prove.title": "Log in again",
  "prove.why":
    "Somebody else made this session, and your login is some time ago: show again who you are.",
  "prove.yes": "Log in and end it",
});
