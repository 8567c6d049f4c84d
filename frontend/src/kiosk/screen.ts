// Keeps a kiosk's screen to itself: lit, full, and without the menus of the browser.

interface KeyboardLock {
  lock?(): Promise<void>;
}

/** Takes the screen. What the browser does not give is done without. */
export function holdScreen(): void {
  const light = () => {
    if (document.visibilityState !== "visible") return;
    void navigator.wakeLock?.request("screen").catch(() => {});
  };
  light();
  document.addEventListener("visibilitychange", light);
  document.addEventListener("contextmenu", (event) => event.preventDefault());
  document.addEventListener("dragstart", (event) => event.preventDefault());
  // A browser fills the screen only for somebody who has just touched or typed.
  const fill = () => {
    const root = document.documentElement;
    if (document.fullscreenElement !== null || root.requestFullscreen === undefined) return;
    const { keyboard } = navigator as { keyboard?: KeyboardLock };
    void root
      .requestFullscreen({ navigationUI: "hide" })
      .then(() => keyboard?.lock?.())
      .catch(() => {});
  };
  addEventListener("pointerup", fill, { capture: true });
  addEventListener("keyup", fill, { capture: true });
}
