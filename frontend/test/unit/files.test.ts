// What a transfer makes of what it hears, and which texts are paths.

import { describe, expect, test } from "vitest";
import { MAX_FAILURES, nameOf, PART, partAt, stepOf, waitAfter } from "../../src/files/plan";
import { pathsIn } from "../../src/term/paths";

const refused = (code: string) => JSON.stringify({ error: { code, message: "why" } });

describe("an upload", () => {
  test("goes through a file without a gap", () => {
    const size = 2 * PART + 5;
    const ranges: string[] = [];
    let at = 0;
    while (at < size) {
      const { range, end } = partAt(at, size);
      ranges.push(range);
      at = end;
    }
    expect(ranges).toEqual([
      `bytes 0-${PART - 1}/${size}`,
      `bytes ${PART}-${2 * PART - 1}/${size}`,
      `bytes ${2 * PART}-${size - 1}/${size}`,
    ]);
  });

  test("goes on, ends, asks anew or stops by what the server says", () => {
    const step = (status: number, body = "") => stepOf({ status, body });
    expect(step(202, '{"offset":7,"size":9}')).toEqual({ go: "on", offset: 7 });
    expect(step(201, '{"path":"/a/b"}')).toEqual({ go: "done", path: "/a/b" });
    expect(step(200, '{"path":"/a/b"}')).toEqual({ go: "done", path: "/a/b" });
    for (const status of [0, 408, 429, 502, 503]) expect(step(status).go).toBe("again");
    expect(step(409, refused("wrong_offset")).go).toBe("again");
    expect(step(409, refused("taken_over")).go).toBe("again");
    for (const [status, code] of [
      [409, "exists"],
      [403, "files_off"],
      [507, "disk_full"],
      [413, "too_large"],
    ] as const) {
      expect(step(status, refused(code))).toEqual({ go: "stop", code, message: "why" });
    }
    expect(step(500, "<html>")).toEqual({ go: "stop", code: "", message: "500" });
  });

  test("waits longer after each failure, and not for ever", () => {
    const waits = Array.from({ length: MAX_FAILURES }, (_, index) => waitAfter(index + 1));
    expect(waits).toEqual([...waits].sort((one, other) => one - other));
    expect(Math.max(...waits)).toBe(10_000);
  });
});

test("a download is called what the server says", () => {
  expect(nameOf("attachment; filename=\"a_\"; filename*=UTF-8''a%22%20%C3%A9", "x/y")).toBe('a" é');
  expect(nameOf(null, "x/y.txt")).toBe("y.txt");
  expect(nameOf("attachment; filename*=UTF-8''%FF", "y.txt")).toBe("y.txt");
});

test("paths are told from other words", () => {
  const paths = (text: string) => pathsIn(text).map(({ path }) => path);
  expect(paths("src/main.rs:12:3: error in ./lib.rs, see /etc/motd.")).toEqual([
    "src/main.rs",
    "./lib.rs",
    "/etc/motd",
  ]);
  expect(paths("notes.txt  Ærø.pdf  archive.tar.gz")).toEqual([
    "notes.txt",
    "Ærø.pdf",
    "archive.tar.gz",
  ]);
  expect(
    paths("https://example.org/a/b.html ada@host.example 3.14 word -v --flag 10.0.0.1"),
  ).toEqual([]);
  const [found] = pathsIn("see a/b now");
  expect(found).toEqual({ path: "a/b", start: 4, end: 7 });
});
