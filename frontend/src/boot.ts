// The entry: opens the socket in its first statement, then loads the page while that is under way.

import { installStyleShim } from "./csp-shim";
import { speakLanguage } from "./language";
import { begin } from "./opening";
import { installSurface } from "./surface";

const opening = begin();
installSurface();
installStyleShim();

// While the socket is under way.
const speaking = speakLanguage();

async function show(): Promise<void> {
  await speaking;
  const { route } = opening;
  if (route.name === "home" || route.name === "recordings") {
    const begun = await opening.outcome;
    if (!("line" in begun)) {
      if (route.name === "home") return (await import("./dashboard/page")).start(begun);
      return (await import("./recordings/page")).start(begun, route.recording);
    }
  }
  (await import("./main")).start(opening);
}

// Last of all: what is kept is for another day.
void show().then(async () => (await import("./pwa/install")).install(opening.route));
