// Every state of the page on a phone.

import { everyState } from "./every-state";

everyState("phone");
