// The name by which the server knows the input of this tab. It outlives a reload, but not a second
// tab made as a copy of this one: it lies in the storage only while no page has it.

const PREFIX = "awp.client.";

/** Bytes of a client id: the 128 bits that the protocol asks for. */
const LENGTH = 16;

/** Takes the name that this tab had in this session. */
export function takeClientId(session: string): string | null {
  const client = sessionStorage.getItem(PREFIX + session);
  sessionStorage.removeItem(PREFIX + session);
  return client;
}

/** Leaves it for the next page of this tab. */
export function keepClientId(session: string, client: string): void {
  sessionStorage.setItem(PREFIX + session, client);
}

/** Makes up a new one. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
