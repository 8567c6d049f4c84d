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
}

/** The answer; status 0 says that there was none. */
export interface Answer {
  id: number;
  status: number;
  body: string;
}

self.addEventListener("message", async ({ data }: MessageEvent<Question>) => {
  const { id, path, ...request } = data;
  let answer: Answer = { id, status: 0, body: "" };
  try {
    const response = await fetch(path, { ...request, cache: "no-store" });
    answer = { id, status: response.status, body: await response.text() };
  } catch {
    // The server cannot be reached, which is what status 0 says.
  }
  self.postMessage(answer);
});
