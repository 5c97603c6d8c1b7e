/** The version of the package, from its manifest. */
import { existsSync, readFileSync } from "node:fs";

let known: string | undefined;

/** `src/base/` lies two folders below package.json in the sources, three once built. */
export function packageVersion(): string {
  const near = new URL("../../package.json", import.meta.url);
  const manifest = existsSync(near) ? near : new URL("../../../package.json", import.meta.url);
  known ??= (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
  return known;
}
