// How the page is bundled: hashed names, the main chunk preloaded, each file precompressed, and a
// gate that keeps the first load small.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vite";
import { installable } from "./bundle-pwa.ts";

/** Bytes, gzipped, of all that index.html loads before any lazy chunk: 0.2 s on a 5 Mbit/s line. */
const FIRST_LOAD = 130 * 1024;

/** Bytes, gzipped, of one lazy chunk: it must never be felt as a second start. */
const LAZY_CHUNK = 40 * 1024;

/** The chunk that holds the user interface: fetched together with the small one that opens the socket. */
const MAIN = "main";

/** What every page needs beside the entry: one file, which is smaller than its parts. */
const SHARED =
  /node_modules\/(@?preact)|src\/(strings|settings\/settings|term\/theme|ui\/(direction|login-form|model|overlay|proof-form|rich|viewport))\.tsx?$/;

/** Lets the browser fetch the main chunk while the entry is still on its way. */
function preloadMain(): Plugin {
  return {
    name: "preload-main",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((file) => file.type === "chunk");
        const main = chunks.find(({ name }) => name === MAIN);
        if (main === undefined) return [];
        // What it shares with other chunks is needed as early; the entry is on its way by itself.
        const entries = chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName);
        const needed = [main.fileName, ...main.imports].filter((file) => !entries.includes(file));
        return needed.map((file) => {
          const attrs = { rel: "modulepreload", crossorigin: "", href: `/${file}` };
          return { tag: "link", attrs, injectTo: "head" as const };
        });
      },
    },
  };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

/** Writes `.br` and `.gz` beside each file and refuses a bundle over its budget. */
function compressAndWeigh(): Plugin {
  let folder = "";
  return {
    name: "compress-and-weigh",
    apply: "build",
    writeBundle(options) {
      folder = options.dir ?? "";
    },
    closeBundle() {
      if (folder === "") return;
      const index = readFileSync(join(folder, "index.html"), "utf8");
      let first = 0;
      for (const file of filesBelow(folder)) {
        if (/\.(br|gz)$/.test(file)) continue;
        const bytes = readFileSync(file);
        const gzip = gzipSync(bytes, { level: 9 });
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        writeFileSync(`${file}.gz`, gzip);
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
        if (!/\.(js|css)$/.test(file)) continue;
        if (index.includes(file.slice(folder.length + 1))) first += gzip.length;
        else if (gzip.length > LAZY_CHUNK) {
          throw new Error(
            `${file} is ${gzip.length} bytes gzipped; a lazy chunk has ${LAZY_CHUNK}`,
          );
        }
      }
      if (first > FIRST_LOAD) {
        throw new Error(`the first load is ${first} bytes gzipped; it may be ${FIRST_LOAD}`);
      }
      console.info(`first load: ${(first / 1024).toFixed(1)} KiB gzipped`);
    },
  };
}

export default defineConfig({
  base: "/",
  experimental: {
    // The server puts the index below its base path; what scripts name they find beside themselves.
    renderBuiltUrl: (_file, { hostType }) => (hostType === "html" ? undefined : { relative: true }),
  },
  plugins: [preloadMain(), installable(), compressAndWeigh()],
  build: {
    target: "es2022",
    // Everything is a file of its own: the policy of the page knows no inline anything.
    assetsInlineLimit: 0,
    modulePreload: false,
    // What a lazy part looks like comes with it.
    cssCodeSplit: true,
    chunkSizeWarningLimit: 600,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What the entry needs itself stays there: the socket waits for nothing else.
          includeDependenciesRecursively: false,
          groups: [{ name: "shared", test: SHARED }],
        },
      },
    },
  },
});
