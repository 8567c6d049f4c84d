// A worker that asks the server where "no" is a fair answer. A refusal is news for the person in
// front of the page, which says it in words; a browser would also report it as a fault of the page,
// but not what a worker asks.

/** A question: one request. */
export interface Question {
  id: number;
  path: string;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  headers: Record<string, string>;
  body?: string;
  /** The answer is bytes and not text. */
  binary?: boolean;
}

/** The answer; status 0 says that there was none. */
export interface Answer {
  id: number;
  status: number;
  body: string;
  /** The body, if bytes were asked for. */
  bytes: ArrayBuffer | null;
  /** Its entity tag. */
  tag: string | null;
}

self.addEventListener("message", async ({ data }: MessageEvent<Question>) => {
  const { id, path, binary = false, ...request } = data;
  const answer: Answer = { id, status: 0, body: "", bytes: null, tag: null };
  try {
    const response = await fetch(path, { ...request, cache: "no-store" });
    if (binary) answer.bytes = await response.arrayBuffer();
    else answer.body = await response.text();
    answer.tag = response.headers.get("etag");
    answer.status = response.status;
  } catch {
    // The server cannot be reached, which is what status 0 says.
  }
  self.postMessage(answer);
});
