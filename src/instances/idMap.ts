/** Maps of ids: one whole number a pixel, 0 background. */
import { ShapeError } from "../base/errors.ts";

/** `data[y * width + x]`; a mask is one as well. */
export interface IdMap {
  readonly width: number;
  readonly height: number;
  readonly data: Int32Array | Uint8Array;
}

interface SizedMap {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** @throws {ShapeError} if a map's data does not fill its width and height. */
export function checkLength(where: string, { width, height, data }: SizedMap): void {
  if (data.length === width * height) return;
  throw new ShapeError(
    `${where}: map of ${width} x ${height} (width x height) must hold ${width * height} values, got ${data.length}`,
  );
}

/** @throws {ShapeError} if `map` is not of the size of `other`, or not full. */
export function checkSize(where: string, role: string, map: SizedMap, other: SizedMap): void {
  checkLength(where, map);
  if (map.width === other.width && map.height === other.height) return;
  throw new ShapeError(
    `${where}: ${role} must be ${other.width} x ${other.height} (width x height), got ${map.width} x ${map.height}`,
  );
}

/** Ids numbered without gaps. */
export interface Renumbered {
  /** 0 background, else 1 to n, in the order of the ids' first pixels, row by row. */
  readonly ids: Int32Array;
  /** The id that became `k` is `originals[k]`; `originals[0]` is 0. */
  readonly originals: Int32Array;
}

/** The same map with the ids 1 to n. */
export function renumber(ids: Int32Array | Uint8Array): Renumbered {
  const numbers = new Map<number, number>([[0, 0]]);
  const result = new Int32Array(ids.length);
  let [last, number] = [0, 0];
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (id !== last) {
      number = numbers.get(id) ?? numbers.size;
      numbers.set(id, number);
      last = id;
    }
    result[i] = number;
  }
  return { ids: result, originals: Int32Array.from(numbers.keys()) };
}
