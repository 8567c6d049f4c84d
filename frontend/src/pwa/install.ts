// Lets the browser keep the page, and tells when the server has a newer one.

import { BASE, type Route } from "../route";
import { trustedScriptUrl } from "../trusted";

/** Milliseconds between two questions for a newer page, at least. */
const ASK_AGAIN = 3_600_000;

/** Asks the browser to keep the page. Without a secure origin it does not, and nothing is lost. */
export async function install(route: Route): Promise<void> {
  const { serviceWorker } = navigator;
  if (serviceWorker === undefined) return;
  const registration = await serviceWorker
    .register(trustedScriptUrl(`${BASE}sw.js`))
    .catch(() => null);
  if (registration === null) return;
  const look = () => {
    // The first of all is no newer one.
    if (registration.waiting === null || serviceWorker.controller === null) return;
    if (route.name === "kiosk") takeOver(registration);
    else void offer(registration);
  };
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", look);
  });
  look();
  let asked = performance.now();
  document.addEventListener("visibilitychange", () => {
    const due = performance.now() - asked >= ASK_AGAIN;
    if (document.visibilityState !== "visible" || !due) return;
    asked = performance.now();
    void registration.update().catch(() => {});
  });
}

/** What the new page keeps is used from the next load on. */
function takeOver(registration: ServiceWorkerRegistration): void {
  registration.waiting?.postMessage("take over");
}

async function offer(registration: ServiceWorkerRegistration): Promise<void> {
  const { showUpdate } = await import("../ui/pwa/update-prompt");
  showUpdate(() => {
    const reload = () => location.reload();
    navigator.serviceWorker.addEventListener("controllerchange", reload, { once: true });
    takeOver(registration);
  });
}
