// What an installed page needs besides the page: its manifest with icons, and a service worker that
// knows the files of this build.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { transformWithOxc } from "vite";

const SOURCE = join(import.meta.dirname, "src");

/** The icons of the manifest. */
const ICONS = [
  { file: "icon-192.png", sizes: "192x192", purpose: "any" },
  { file: "icon-512.png", sizes: "512x512", purpose: "any" },
  { file: "maskable-512.png", sizes: "512x512", purpose: "maskable" },
];

/** Not kept for times without a server: whoever needs it then has it from the last time. */
const SPARED = /\.png$|addon-webgl|german|mirrored/;

/** Adds both. */
export function installable(): Plugin {
  return {
    name: "installable",
    apply: "build",
    transformIndexHtml() {
      const attrs = { rel: "manifest", href: "/manifest.webmanifest" };
      return [{ tag: "link", attrs, injectTo: "head" as const }];
    },
    generateBundle: {
      // The style sheet is added late.
      order: "post",
      async handler(_options, bundle) {
        const icons = ICONS.map(({ file, sizes, purpose }) => {
          const source = readFileSync(join(SOURCE, "icons", file));
          const id = this.emitFile({ type: "asset", name: file, source });
          return { src: this.getFileName(id), sizes, type: "image/png", purpose };
        });
        const manifest = JSON.parse(readFileSync(join(SOURCE, "manifest.json"), "utf8")) as object;
        const text = JSON.stringify({ ...manifest, icons });
        this.emitFile({ type: "asset", fileName: "manifest.webmanifest", source: text });

        const files = Object.keys(bundle).filter((file) => file.startsWith("assets/"));
        const shell = ["./", ...files.filter((file) => !SPARED.test(file)).sort()];
        const build = createHash("sha256").update(JSON.stringify(shell)).digest("hex").slice(0, 16);
        const typed = readFileSync(join(SOURCE, "sw.ts"), "utf8");
        const { code } = await transformWithOxc(typed, "sw.ts");
        const head = `const SHELL=${JSON.stringify(shell)};const BUILD=${JSON.stringify(build)};\n`;
        this.emitFile({ type: "asset", fileName: "sw.js", source: head + code });
      },
    },
  };
}
