/** Masks drawn as text, for tests and examples. */

import { ArgumentError } from "../../src/base/errors.ts";
import type { Mask } from "../../src/tensor/raster.ts";

/**
 * `#` is foreground, `.` background; one line a row, blanks around lines do not count.
 *
 * @throws {ArgumentError} if lines differ in length or hold another character.
 */
export function drawnMask(picture: string): Mask {
  const rows = picture
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const width = rows[0]?.length ?? 0;
  const odd = rows.find((row) => row.length !== width || /[^#.]/.test(row));
  if (width === 0 || odd !== undefined)
    throw new ArgumentError(
      `drawnMask: rows must be of one length and hold only # and ., got "${odd ?? ""}"`,
    );
  const data = Uint8Array.from(rows.join(""), (character) => (character === "#" ? 1 : 0));
  return { width, height: rows.length, data };
}
