import { expect, test } from "vitest";
import { connectedComponents } from "../instances/connectedComponents.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { msca } from "./msca.ts";
import { spectralClustering } from "./spectralClustering.ts";

const side = 64;
const inside = (i: number): boolean =>
  ((i % side) - 30) ** 2 + (Math.floor(i / side) - 36) ** 2 < 14 ** 2;
/** A brown disc on skin, both a little uneven. */
const image: RgbImage = {
  ...{ width: side, height: side },
  data: Uint8Array.from({ length: 3 * side * side }, (_, at) => {
    const i = Math.floor(at / 3);
    const uneven = (7 * (i % side) + 13 * Math.floor(i / side)) % 11;
    return (inside(i) ? [110, 70, 50] : [215, 175, 150])[at % 3]! + uneven;
  }),
};

test("superpixels cover the picture, hang together, and keep to edges", () => {
  const { ids, count, width, height } = spectralClustering(image, 20);
  expect(count).toBeGreaterThan(10);
  expect(count).toBeLessThan(40);
  expect(new Set(ids).size).toBe(count);
  expect(Math.min(...ids)).toBe(0);
  const pieces = connectedComponents({ width, height, data: ids.map((id) => id + 1) }, 8);
  expect(pieces.count).toBe(count);
  // Pixels that are in a region which is mostly of the other kind.
  const votes = Array.from({ length: count }, () => [0, 0]);
  for (const [i, id] of ids.entries()) votes[id]![inside(i) ? 1 : 0]!++;
  const wrong = votes.reduce((sum, [a, b]) => sum + Math.min(a!, b!), 0);
  expect(wrong / (side * side)).toBeLessThan(0.02);
});

test("the object is found from the picture alone, and always alike", () => {
  const { data } = msca(image);
  let [common, both] = [0, 0];
  for (const [i, v] of data.entries()) {
    common += v === 1 && inside(i) ? 1 : 0;
    both += v + (inside(i) ? 1 : 0);
  }
  expect((2 * common) / both).toBeGreaterThan(0.9);
  expect(msca(image).data).toEqual(data);
});

test("a picture of one colour is no failure", () => {
  const flat = { width: 32, height: 24, data: new Uint8Array(3 * 32 * 24).fill(90) };
  expect(msca(flat).data.every((v) => v === 0 || v === 1)).toBe(true);
});
