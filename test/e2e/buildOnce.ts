/** Builds dist/ before the end-to-end tests, unless it is newer than everything it is made of. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export default function buildOnce(): void {
  const built = "dist/cli/main.js";
  if (existsSync(built) && statSync(built).mtimeMs > newestSource()) return;
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
}

function newestSource(): number {
  const sources = ["src", "cli", "web"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(tsx?|css|html)$/.test(name) && !name.endsWith(".test.ts"))
      .map((name) => join(folder, name)),
  );
  const files = [...sources, "tsconfig.json", "tsconfig.build.json", "package.json"];
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}
