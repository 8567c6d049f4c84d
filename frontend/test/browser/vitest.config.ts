// The browser tests: each file starts the real server and a real browser, one file at a time.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.spec.ts"],
    fileParallelism: false,
    // Longer than any deadline within a test, so that the test says what it was waiting for.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // A browser on a machine that others use loses a step now and then; what fails twice is broken.
    retry: 1,
  },
});
