// What a closed connection means: the client's half of the table of close codes (src/wire/close.rs).

/** What to do when a connection is gone. */
export type Verdict = "ended" | "reconnect" | "login" | "unknown" | "refused" | "reload" | "full";

const VERDICTS: Readonly<Record<number, Verdict>> = {
  1000: "ended",
  1001: "reconnect",
  1002: "refused",
  1008: "refused",
  1009: "refused",
  4401: "login",
  4403: "refused",
  4404: "unknown",
  4408: "reconnect",
  4409: "reload",
  4429: "full",
  4500: "reconnect",
};

/** What a close code asks of a client; a connection that just broke has none of these codes. */
export function verdictOn(code: number): Verdict {
  return VERDICTS[code] ?? "reconnect";
}

/** Whether the page goes on trying by itself. */
export function isRetried(verdict: Verdict): boolean {
  return verdict === "reconnect" || verdict === "full";
}
