import { expect, test } from "vitest";
import { Random } from "../base/random.ts";
import type { FloatMap, Mask } from "../tensor/raster.ts";
import { connectedComponents } from "./connectedComponents.ts";
import { hMaxima } from "./hMaxima.ts";

const [width, height] = [12, 9];
const pixels = width * height;

/** Heights 0, 1, 2, ... in any order, so that no two are equal, and a mask of most pixels. */
function drawn(seed: number): { map: FloatMap; mask: Mask } {
  const random = Random.of(seed, "heights");
  const data = Float32Array.from(random.shuffled(Array.from({ length: pixels }, (_, i) => i)));
  const inside = Uint8Array.from({ length: pixels }, () => (random.chance(0.8) ? 1 : 0));
  return { map: { width, height, data }, mask: { width, height, data: inside } };
}

/** Islands above a water level, by 8 neighbours. */
const islands = (map: FloatMap, mask: Mask, level: number): Int32Array =>
  connectedComponents(
    { width, height, data: mask.data.map((v, i) => (v && map.data[i]! >= level ? 1 : 0)) },
    8,
  ).ids;

/** The definition: how far the water must fall before the peak's island holds something higher. */
function standsOutBy(map: FloatMap, mask: Mask, pixel: number): number {
  const top = map.data[pixel]!;
  for (let level = top; level >= 0; level--) {
    const ids = islands(map, mask, level);
    if (map.data.some((v, i) => v > top && ids[i] === ids[pixel])) return top - level;
  }
  return Infinity;
}

test.each([
  { h: 0, relativeH: 0 },
  { h: 25, relativeH: 0 },
  { h: 0, relativeH: 0.3 },
  { h: 20, relativeH: 0.5 },
])("the peaks are those of the definition, with h = $h and $relativeH of the height", (options) => {
  for (let seed = 0; seed < 12; seed++) {
    const { map, mask } = drawn(seed);
    const needed = (i: number): number =>
      Math.max(options.h, options.relativeH * map.data[i]!, 1e-6);
    const expected = Array.from({ length: pixels }, (_, i) => i).filter(
      (i) => mask.data[i] && standsOutBy(map, mask, i) >= needed(i),
    );
    const markers = hMaxima(map, mask, options);
    const summits = new Map<number, number>();
    markers.forEach((id, i) => {
      const best = summits.get(id);
      if (id > 0 && (best === undefined || map.data[i]! > map.data[best]!)) summits.set(id, i);
    });
    expect([...summits.values()].sort((a, b) => a - b)).toEqual(expected);
    markers.forEach((id, i) => {
      if (id === 0) return;
      const summit = summits.get(id)!;
      expect(map.data[i]).toBeGreaterThan(map.data[summit]! - needed(summit));
    });
  }
});

test("where all is equally high, every region of the mask has one peak: all of it", () => {
  const flat: FloatMap = { width: 5, height: 1, data: Float32Array.of(2, 2, 2, 2, 2) };
  const mask: Mask = { width: 5, height: 1, data: Uint8Array.of(1, 1, 0, 1, 1) };
  expect([...hMaxima(flat, mask, { h: 1 })]).toEqual([1, 1, 0, 2, 2]);
});
