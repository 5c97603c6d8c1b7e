/** Guards a folder that a command fills and refills against holding anything else. */
import { readdir } from "node:fs/promises";
import { ArgumentError } from "../base/errors.ts";

/**
 * @param own  names that the command itself makes there
 * @throws {ArgumentError} if the folder holds anything but those.
 */
export async function refuseForeign(folder: string, own: readonly string[]): Promise<void> {
  const entries = await readdir(folder).catch((): string[] => []);
  const foreign = entries.filter((name) => !own.includes(name) && !name.startsWith("."));
  if (foreign.length === 0) return;
  throw new ArgumentError(
    `${folder}: folder must be new, empty or that of an earlier demo, got ${foreign.slice(0, 5).join(", ")} in it; choose another with --out`,
  );
}
