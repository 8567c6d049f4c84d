// All scenes: together they lead through every state that the page has.

import { german, mirrored } from "./foreign";
import { loginAgain } from "./login-again";
import type { Scene } from "./look";
import { files, kiosk, marks, pipes } from "./others";
import { crowd, login, overview } from "./overview";
import { fingers } from "./phone";
import { recordings } from "./recordings";
import { asked, desk, ends, others, share, told, update } from "./session";

export const SCENES: Readonly<Record<string, Scene>> = {
  overview,
  crowd,
  login,
  loginAgain,
  desk,
  others,
  ends,
  share,
  asked,
  told,
  update,
  pipes,
  files,
  marks,
  fingers,
  kiosk,
  recordings,
  german,
  mirrored,
};
