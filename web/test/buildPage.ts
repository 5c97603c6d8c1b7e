/** Bundles the page before its tests, unless the bundle is newer than all it is made of. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

export default async function buildPage(): Promise<void> {
  const built = "dist/web/index.html";
  if (existsSync(built) && statSync(built).mtimeMs > newestSource()) return;
  await build({ configFile: "web/vite.config.ts" });
}

function newestSource(): number {
  const files = ["src", "web"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(tsx?|css|html)$/.test(name) && !name.endsWith(".test.ts"))
      .map((name) => join(folder, name)),
  );
  return Math.max(...[...files, "package.json"].map((file) => statSync(file).mtimeMs));
}
