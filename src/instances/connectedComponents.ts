/** Connected components of masks and of label maps. */
import { checkLength, type IdMap } from "./idMap.ts";
import type { Connectivity } from "./pixelNeighbours.ts";

/** What hangs together, numbered. */
export interface Components {
  /** 0 background, else 1 to `count`, in the order of the components' first pixels, row by row. */
  readonly ids: Int32Array;
  readonly count: number;
}

/**
 * Numbers the regions of pixels that touch and have the same value other than 0. On a mask these are the
 * connected components of its foreground; on a map of ids the pieces of every instance.
 *
 * Two scans with union-find, linear in the pixels but for the inverse Ackermann function.
 *
 * @param map           0 background
 * @param connectivity  4 by default: then every component is one polygon, without pieces that meet in a
 *   corner only.
 * @throws {ShapeError} if the values do not fill the width and height.
 */
export function connectedComponents(map: IdMap, connectivity: Connectivity = 4): Components {
  checkLength("connectedComponents", map);
  const { width, height, data } = map;
  const ids = new Int32Array(data.length);
  // parent[k] <= k, so that roots are the first numbers of their components.
  let parent = new Int32Array(1024);
  let used = 1;

  function find(number: number): number {
    let at = number;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  }

  function join(a: number, b: number): number {
    const [rootA, rootB] = [find(a), find(b)];
    if (rootA < rootB) return (parent[rootB] = rootA);
    return (parent[rootA] = rootB);
  }

  function fresh(): number {
    if (used === parent.length) {
      const larger = new Int32Array(2 * used);
      larger.set(parent);
      parent = larger;
    }
    parent[used] = used;
    return used++;
  }

  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const value = data[i]!;
      if (value === 0) continue;
      const up = i - width;
      let id = x > 0 && data[i - 1] === value ? ids[i - 1]! : 0;
      if (y > 0) {
        if (data[up] === value) id = id === 0 ? ids[up]! : join(id, ids[up]!);
        if (connectivity === 8) {
          if (x > 0 && data[up - 1] === value)
            id = id === 0 ? ids[up - 1]! : join(id, ids[up - 1]!);
          if (x < width - 1 && data[up + 1] === value)
            id = id === 0 ? ids[up + 1]! : join(id, ids[up + 1]!);
        }
      }
      ids[i] = id === 0 ? fresh() : id;
    }
  }

  const final = new Int32Array(used);
  let count = 0;
  for (let k = 1; k < used; k++) final[k] = parent[k] === k ? ++count : final[find(k)]!;
  for (let i = 0; i < ids.length; i++) ids[i] = final[ids[i]!]!;
  return { ids, count };
}
