import fc from "fast-check";
import { expect, test } from "vitest";
import { expectError } from "../../test/helpers/expectError.ts";
import { cutImage } from "../data/augment/window.ts";
import { ArgumentError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { createBlend, planTiles } from "./tiles.ts";

const plans = fc
  .record({
    width: fc.integer({ min: 1, max: 90 }),
    height: fc.integer({ min: 1, max: 90 }),
    size: fc.integer({ min: 1, max: 40 }),
    share: fc.double({ min: 0, max: 0.99, noNaN: true }),
  })
  .map(({ share, ...rest }) => ({ ...rest, overlap: Math.floor(share * rest.size) }));

test("tiles cover every pixel, stay inside where they fit, and overlap as asked", () => {
  fc.assert(
    fc.property(plans, ({ width, height, size, overlap }) => {
      const tiles = planTiles(width, height, size, overlap);
      for (const [length, starts] of [
        [width, [...new Set(tiles.map(({ x }) => x))]],
        [height, [...new Set(tiles.map(({ y }) => y))]],
      ] as const) {
        expect(starts[0]).toBe(0);
        expect(starts.at(-1)).toBe(Math.max(0, length - size));
        for (let i = 1; i < starts.length; i++) {
          expect(starts[i]! - starts[i - 1]!).toBeGreaterThan(0);
          expect(starts[i - 1]! + size - starts[i]!).toBeGreaterThanOrEqual(overlap);
        }
      }
      expect(new Set(tiles.map(({ x, y }) => `${x} ${y}`)).size).toBe(tiles.length);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("no more tiles than needed, evenly spread", () => {
  expect(planTiles(10, 4, 4, 0).map(({ x }) => x)).toEqual([0, 3, 6]);
  expect(planTiles(12, 4, 4, 0).map(({ x }) => x)).toEqual([0, 4, 8]);
  expect(planTiles(3, 9, 4, 1)).toEqual([
    { x: 0, y: 0 },
    { x: 0, y: 3 },
    { x: 0, y: 5 },
  ]);
  expect(planTiles(4, 4, 4, 3)).toEqual([{ x: 0, y: 0 }]);
});

/** What a network makes of each tile of an image whose pixel values are `values`, blended. */
function predictTiled(
  {
    width,
    height,
    size,
    overlap,
  }: { width: number; height: number; size: number; overlap: number },
  values: Uint8Array,
  network: (tile: Uint8Array) => Float32Array,
  channels: number,
): Float32Array {
  const rgb = new Uint8Array(3 * width * height);
  values.forEach((value, i) => rgb.fill(value, 3 * i, 3 * i + 3));
  const image = { width, height, data: rgb };
  const blend = createBlend(width, height, channels, size);
  const positions = planTiles(width, height, size, overlap);
  const whole = new Float32Array(channels * width * height);
  let top = 0;
  for (const [i, position] of positions.entries()) {
    const { data } = cutImage(image, position.x, position.y, size, size);
    blend.add(network(data.filter((_, at) => at % 3 === 0)), position);
    const end = positions[i + 1]?.y ?? height;
    if (end === position.y) continue;
    for (const [c, rows] of blend.take(end).entries()) {
      whole.set(rows, (c * height + top) * width);
    }
    top = end;
  }
  return whole;
}

test("a constant network gives a constant map, and one that changes nothing the image, to the last bit", () => {
  const random = new Random(5);
  fc.assert(
    fc.property(plans, (plan) => {
      const values = Uint8Array.from({ length: plan.width * plan.height }, () => random.int(256));
      const area = values.length;
      const tenth = Math.fround(0.1);
      const map = predictTiled(
        plan,
        values,
        (tile) => {
          const out = new Float32Array(2 * tile.length).fill(tenth);
          tile.forEach((value, i) => (out[tile.length + i] = value / 255));
          return out;
        },
        2,
      );
      expect(map.subarray(0, area).every((value) => value === tenth)).toBe(true);
      expect(map.subarray(area)).toEqual(Float32Array.from(values, (value) => value / 255));
    }),
    { seed: 2, numRuns: 60 },
  );
});

test("where tiles differ, the weight passes smoothly from one to the next", () => {
  const size = 16;
  const blend = createBlend(24, size, 1, size);
  blend.add(new Float32Array(size * size).fill(0), { x: 0, y: 0 });
  blend.add(new Float32Array(size * size).fill(1), { x: 8, y: 0 });
  const row = blend.take(size)[0]!.subarray(0, 24);
  expect([...row.subarray(0, 8)]).toEqual(new Array(8).fill(0));
  expect([...row.subarray(16)]).toEqual(new Array(8).fill(1));
  for (let x = 8; x < 16; x++) {
    // Weights half a tile apart are sin^2 and cos^2, which sum to 1.
    expect(row[x]).toBeCloseTo(Math.sin((Math.PI * (x - 8 + 0.5)) / size) ** 2, 6);
  }
});

test("an image of its own size, odd sizes and images below a tile need no care", () => {
  for (const [width, height] of [
    [1, 1],
    [7, 33],
    [16, 16],
    [17, 15],
  ] as const) {
    const values = Uint8Array.from({ length: width * height }, (_, i) => (i * 37) % 256);
    const plan = { width, height, size: 16, overlap: 0 };
    const map = predictTiled(plan, values, (tile) => Float32Array.from(tile), 1);
    expect([...map]).toEqual([...values]);
  }
});

test("an overlap of the tile's size, tiles of another size and bare pixels are refused", () => {
  expectError(
    () => planTiles(10, 10, 4, 4),
    ArgumentError,
    "tiles: overlap must be from 0 to below 4, got 4",
  );
  const blend = createBlend(4, 2, 1, 2);
  expectError(
    () => {
      blend.add(new Float32Array(5), { x: 0, y: 0 });
    },
    ArgumentError,
    "tiles: tile must have 1 x 2 x 2 values, got 5",
  );
  blend.add(new Float32Array(4), { x: 0, y: 0 });
  expectError(
    () => blend.take(2),
    ArgumentError,
    "tiles: tiles must cover every pixel, got none at row 0, column 2",
  );
  const rows = createBlend(2, 6, 1, 2);
  expectError(
    () => {
      rows.add(new Float32Array(4), { x: 0, y: 2 });
    },
    ArgumentError,
    "tiles: tile must lie in the rows 0 to 1, got rows 2 to 3; take the rows above first",
  );
});
