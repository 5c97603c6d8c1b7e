/** Holes in instances, filled. */
import { connectedComponents } from "./connectedComponents.ts";
import { checkLength, type IdMap } from "./idMap.ts";

/**
 * Gives every hole to the instance around it: background that hangs together by sides or corners, has one instance
 * alone at its sides, and does not reach the frame. What several instances enclose stays background. Linear in the pixels.
 *
 * @param map      ids, 0 background; a mask is one instance
 * @param largest  holes of more pixels stay; default: all are filled
 * @throws {ShapeError} if the ids do not fill the width and height.
 */
export function fillHoles(map: IdMap, largest = Infinity): Int32Array {
  checkLength("fillHoles", map);
  const { width, height, data } = map;
  const background = { width, height, data: Uint8Array.from(data, (id) => (id === 0 ? 1 : 0)) };
  const { ids: gaps, count } = connectedComponents(background, 8);
  const areas = new Int32Array(count + 1);
  const owners = new Int32Array(count + 1);
  const open = new Uint8Array(count + 1);
  const meet = (gap: number, id: number): void => {
    if (id === 0) return;
    if (owners[gap] === 0) owners[gap] = id;
    else if (owners[gap] !== id) open[gap] = 1;
  };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const gap = gaps[i]!;
      if (gap === 0) continue;
      areas[gap]!++;
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) {
        open[gap] = 1;
        continue;
      }
      for (const neighbour of [i - 1, i + 1, i - width, i + width]) meet(gap, data[neighbour]!);
    }
  }
  return Int32Array.from(gaps, (gap, i) => {
    const filled = gap > 0 && open[gap] === 0 && areas[gap]! <= largest;
    return filled ? owners[gap]! : data[i]!;
  });
}
