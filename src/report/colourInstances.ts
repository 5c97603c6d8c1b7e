/** Colours for instances: few, far apart, and never the same for two that lie side by side. */
import { checkLength, renumber, type IdMap } from "../instances/idMap.ts";
import { instanceColours, type Rgb } from "./palette.ts";

/**
 * A colour for every id. Instances within `reach` pixels of each other along a row or column differ; only where one has more
 * neighbours than there are colours may two be the same. The same map gives the same colours.
 *
 * @param reach  pixels, default 8
 */
export function colourInstances(map: IdMap, reach = 8): Map<number, Rgb> {
  checkLength("colourInstances", map);
  const { ids, originals } = renumber(map.data);
  const near: Set<number>[] = Array.from(originals, () => new Set<number>());
  const { width, height } = map;
  // Along rows, then along columns: what follows an instance within reach is its neighbour.
  const scan = (lines: number, length: number, across: number, along: number): void => {
    for (let line = 0; line < lines; line++) {
      let [last, end] = [0, 0];
      for (let k = 0; k < length; k++) {
        const id = ids[line * across + k * along]!;
        if (id === 0) continue;
        if (last !== 0 && last !== id && k - end <= reach) {
          near[id]!.add(last);
          near[last]!.add(id);
        }
        [last, end] = [id, k];
      }
    }
  };
  scan(height, width, width, 1);
  scan(width, height, 1, width);

  const chosen = new Int32Array(originals.length).fill(-1);
  const uses = new Int32Array(instanceColours.length);
  const colours = new Map<number, Rgb>();
  for (let id = 1; id < originals.length; id++) {
    const taken = new Int32Array(instanceColours.length);
    for (const other of near[id]!) if (chosen[other]! >= 0) taken[chosen[other]!]!++;
    // The colour with the fewest neighbours of it; of equals the one used least.
    let best = 0;
    for (let c = 1; c < taken.length; c++)
      if (taken[c]! < taken[best]! || (taken[c] === taken[best] && uses[c]! < uses[best]!))
        best = c;
    chosen[id] = best;
    uses[best]!++;
    colours.set(originals[id]!, instanceColours[best]!);
  }
  return colours;
}
