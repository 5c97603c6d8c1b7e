/** Bundles the page into plain files: one page, one Worker, and the two files of the engine beside them. */
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const root = dirname(fileURLToPath(import.meta.url));
const engineFiles = ["ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];

/** The engine starts its threads from its own file: bundled into the Worker it would start the Worker again. */
const engine: Plugin = {
  name: "engine",
  writeBundle({ dir = "" }) {
    const { resolve } = createRequire(import.meta.url);
    mkdirSync(join(dir, "engine"), { recursive: true });
    for (const file of engineFiles) {
      copyFileSync(resolve(`onnxruntime-web/${file}`), join(dir, "engine", file));
    }
  },
};

/** Modules of the library only define: what a bundle does not use may go. */
const treeshake = { moduleSideEffects: (id: string) => !id.includes("/src/") };

export default defineConfig({
  root,
  base: "./",
  plugins: [engine],
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser"] },
  worker: { format: "es", rolldownOptions: { treeshake } },
  build: {
    outDir: join(root, "../dist/web"),
    emptyOutDir: true,
    target: "es2022",
    // The content security policy allows no inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { treeshake },
    reportCompressedSize: false,
  },
  logLevel: "warn",
});
