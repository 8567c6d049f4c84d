// What a device is called.

import { expect, test } from "vitest";
import { deviceLabel } from "../../src/device";

test("browsers and systems are known by their marks", () => {
  const label = (marks: string) => deviceLabel(`Mozilla/5.0 ${marks}`);
  expect(label("(X11; Linux x86_64) Chrome/156.0 Safari/537.36")).toBe("Chromium on Linux");
  expect(label("(Linux; Android 15) Chrome/156.0 Mobile Safari/537.36")).toBe(
    "Chromium on Android",
  );
  expect(label("(iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1")).toBe("Safari on iPhone");
  expect(label("(Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0")).toBe("Edge on Windows");
  expect(label("(Macintosh; Intel Mac OS X 10.15) Firefox/150.0")).toBe("Firefox on macOS");
  expect(label("nothing")).toBe("Browser");
});
