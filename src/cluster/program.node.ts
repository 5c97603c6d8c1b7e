/** The command line of this very program, for processes that do its work. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** Node and `sgdc`; from sources (tests) with what lets Node read TypeScript. */
export function programOfJobs(): string[] {
  const fromSource = import.meta.url.endsWith(".ts");
  const main = fileURLToPath(
    new URL(`../../cli/main.${fromSource ? "ts" : "js"}`, import.meta.url),
  );
  const tsx = () => createRequire(import.meta.url).resolve("tsx");
  return [process.execPath, ...(fromSource ? ["--import", tsx()] : []), main];
}
