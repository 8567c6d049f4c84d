// Whether the person asked to be notified while the page is hidden: never unless they did, on this
// device.

const KEY = "awp.notify";

/** Whether they did. */
export function wanted(): boolean {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

/** Keeps what they want; false where nothing can be kept. */
export function want(on: boolean): boolean {
  try {
    if (on) localStorage.setItem(KEY, "on");
    else localStorage.removeItem(KEY);
    return true;
  } catch {
    return false;
  }
}
