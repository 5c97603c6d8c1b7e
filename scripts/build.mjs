// Compiles src/ and cli/ and bundles web/ into a new folder, then puts it in place of dist/: no file of an earlier layout survives,
// and a build that fails changes nothing.
import { execFileSync } from "node:child_process";
import { chmodSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { build } from "vite";

const fresh = `dist.tmp-${process.pid}`;
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
try {
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", fresh], {
    stdio: "inherit",
  });
  chmodSync(`${fresh}/cli/main.js`, 0o755);
  await build({ configFile: "web/vite.config.ts", build: { outDir: resolve(fresh, "web") } });
  rmSync("dist", { recursive: true, force: true });
  renameSync(fresh, "dist");
} catch (error) {
  // The compiler has said what is wrong.
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
