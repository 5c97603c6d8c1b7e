/** Refusing tensors that hold numbers that are none. */
import { DataError } from "../base/errors.ts";
import type { NamedTensors } from "./tensor.ts";

/** Names shown in the message. */
const most = 5;

/**
 * @param file  begins the message
 * @throws {DataError} naming the tensors that hold NaN or infinite values, and the first of these.
 */
export function requireFinite(tensors: NamedTensors, file: string): void {
  const bad: string[] = [];
  let first = "";
  for (const [name, { data }] of tensors) {
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    if (bad.length === 0) first = `${data[at]!} in "${name}" at ${at}`;
    bad.push(`"${name}"`);
  }
  if (bad.length === 0) return;
  const others = bad.slice(1, most).join(", ") + (bad.length > most ? ", ..." : "");
  const more = bad.length > 1 ? ` (and in ${bad.length - 1} more: ${others})` : "";
  throw new DataError(
    `${file}: tensors must hold finite numbers, got ${first}${more}; take another file, as an earlier checkpoint`,
  );
}
