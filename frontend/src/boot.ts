// The entry: opens the socket in its first statement, then loads the page while that is under way.

import { installStyleShim } from "./csp-shim";
import { begin } from "./opening";
import { installSurface } from "./surface";

const opening = begin();
installSurface();
installStyleShim();
void import("./main").then(({ start }) => start(opening));
