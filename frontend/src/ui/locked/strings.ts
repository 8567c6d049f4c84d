// The words of a session that is locked until whom it is for has logged in again.

import { words } from "../../strings";

const LOCKED = {
  "locked.title": "The login is over",
  "locked.text": "Log in again to go on. Everything is as you left it.",
  "locked.watch": "It goes on as soon as somebody who may type has logged in again.",
  "locked.again": "Log in again",
  "locked.soon":
    "Your login is over in {seconds} s. You will be asked for it again; everything stays as it is.",
} as const;

export const say = words(LOCKED);
