// The session that a kiosk shows: a reload of its page comes back to it.

const PREFIX = "awp.kiosk.";

/** The session of this tab's kiosk on this app. */
export function keptSession(app: string): string | null {
  return sessionStorage.getItem(PREFIX + app);
}

export function keepSession(app: string, session: string): void {
  sessionStorage.setItem(PREFIX + app, session);
}

export function forgetSession(app: string): void {
  sessionStorage.removeItem(PREFIX + app);
}
