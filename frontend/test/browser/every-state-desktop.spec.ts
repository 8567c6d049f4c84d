// Every state of the page on a desktop.

import { everyState } from "./every-state";

everyState("desktop");
