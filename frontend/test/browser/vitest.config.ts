// The browser tests: each file starts the real server and a real browser. A browser takes two cores.
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const workers = Math.max(1, Math.floor(availableParallelism() / 2));

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.spec.ts"],
    fileParallelism: workers > 1,
    maxWorkers: workers,
    // Longer than any deadline within a test, so that the test says what it was waiting for.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // A browser on a machine that others use loses a step now and then; what fails twice is broken.
    retry: 1,
  },
});
