/** Guards a file that is there against being replaced unasked. */
import { ArgumentError } from "../base/errors.ts";
import { exists } from "../run/runFolder.node.ts";

/** @throws {ArgumentError} if something is at the path, unless it may be replaced. */
export async function refuseExisting(path: string, overwrite = false): Promise<void> {
  if (overwrite || !(await exists(path))) return;
  throw new ArgumentError(
    `${path}: output file must not exist yet, got one; choose another name, or replace it with --overwrite`,
  );
}
