// Runs a TypeScript program of the tests under Node.
import { runnerImport } from "vite";

await runnerImport(process.argv[2]);
