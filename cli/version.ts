/** The version of the package, from its manifest. */
import { existsSync, readFileSync } from "node:fs";

/** `cli/` lies beside package.json in the sources, one folder deeper once built. */
export function packageVersion(): string {
  const near = new URL("../package.json", import.meta.url);
  const manifest = existsSync(near) ? near : new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
