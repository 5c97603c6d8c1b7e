/** The run lengths of all objects of a label map in one pass. */

/** One object: its runs as COCO has them, and what COCO wants beside them. */
export interface ObjectRuns {
  readonly id: number;
  /** Runs of zeros and ones in turn, column-major, the first of zeros. */
  readonly counts: number[];
  /** Pixels. */
  readonly area: number;
  /** x, y, width, height in pixels. */
  readonly box: readonly [number, number, number, number];
}

interface Growing {
  readonly counts: number[];
  /** Position behind its last run. */
  end: number;
  area: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * @param ids  `ids[y * width + x]`, 0 for none
 * @returns the objects in the order of their ids
 */
export function labelRuns(
  ids: Int32Array | Uint8Array,
  width: number,
  height: number,
): ObjectRuns[] {
  const found = new Map<number, Growing>();
  for (let x = 0, position = 0; x < width; x++) {
    for (let y = 0; y < height; y++, position++) {
      const id = ids[y * width + x]!;
      if (id === 0) continue;
      let object = found.get(id);
      if (object === undefined) {
        object = { counts: [], end: 0, area: 0, left: x, right: x, top: y, bottom: y };
        found.set(id, object);
      }
      // A run goes on where it ended one pixel ago; the very first begins with zeros, maybe none.
      if (object.counts.length > 0 && object.end === position) {
        object.counts[object.counts.length - 1]!++;
      } else {
        object.counts.push(position - object.end, 1);
      }
      object.end = position + 1;
      object.area++;
      object.right = x;
      if (y < object.top) object.top = y;
      if (y > object.bottom) object.bottom = y;
    }
  }
  const total = width * height;
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([id, { counts, end, area, left, right, top, bottom }]) => ({
      id,
      counts: end < total ? [...counts, total - end] : counts,
      area,
      box: [left, top, right - left + 1, bottom - top + 1],
    }));
}
