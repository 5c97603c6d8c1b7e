import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectError, expectRejection } from "../../../test/helpers/expectError.ts";
import { ArgumentError } from "../../base/errors.ts";
import { Random } from "../../base/random.ts";
import { foregroundOf } from "../../tensor/raster.ts";
import { noiseField, smoothstep, turnedNoiseField } from "./noise.ts";
import { openDataset } from "../openDataset.node.ts";
import { makePhantom, type Phantom } from "./phantom.ts";
import { readSample } from "../readSample.node.ts";
import { writePhantoms } from "./writePhantoms.node.ts";

const hash = ({ image, mask }: Phantom) =>
  createHash("sha256").update(image.data).update(mask.data).digest("hex");

const many = Array.from({ length: 40 }, (_, index) => makePhantom({ seed: 7, index, size: 96 }));

test("the same options give the same bytes; seed and index change them", () => {
  const first = hash(makePhantom({ seed: 1, index: 0, size: 64 }));
  expect(hash(makePhantom({ seed: 1, index: 0, size: 64 }))).toBe(first);
  expect(hash(makePhantom({ seed: 2, index: 0, size: 64 }))).not.toBe(first);
  expect(hash(makePhantom({ seed: 1, index: 1, size: 64 }))).not.toBe(first);
});

test("sizes need not be square, and the picture has the asked one", () => {
  const { image, mask } = makePhantom({ seed: 1, index: 0, size: [48, 80] });
  expect([image.height, image.width, image.data.length]).toEqual([48, 80, 48 * 80 * 3]);
  expect([mask.height, mask.width, mask.data.length]).toEqual([48, 80, 48 * 80]);
});

test("every mask is one region without holes that fills a part of the picture", () => {
  for (const { mask } of many) {
    const inside = mask.data.reduce((a, b) => a + b);
    expect(inside / mask.data.length).toBeGreaterThan(0.02);
    expect(inside / mask.data.length).toBeLessThan(0.8);
    expect(regions(mask.data, mask.width, 1)).toBe(1);
  }
});

/** Number of 4-connected regions of `value`. */
function regions(data: Uint8Array, width: number, value: number): number {
  const seen = new Set<number>();
  let count = 0;
  for (let start = 0; start < data.length; start++) {
    if (data[start] !== value || seen.has(start)) continue;
    count++;
    const stack = [start];
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      if (data[i] !== value || seen.has(i)) continue;
      seen.add(i);
      if (i % width > 0) stack.push(i - 1);
      if (i % width < width - 1) stack.push(i + 1);
      stack.push(i - width, i + width);
    }
  }
  return count;
}

test("lesions are darker than the skin around them, but thresholding does not find them all", () => {
  const scores = many.map(otsuDice);
  const mean = scores.reduce((a, b) => a + b) / scores.length;
  expect(mean).toBeGreaterThan(0.55);
  expect(mean).toBeLessThan(0.85);
  const darker = many.filter(({ image, mask }) => {
    const sums = [0, 0];
    const counts = [0, 0];
    for (const [i, inside] of mask.data.entries()) {
      sums[inside]! += image.data[3 * i + 1]!;
      counts[inside]!++;
    }
    return sums[1]! / counts[1]! < sums[0]! / counts[0]!;
  });
  expect(darker.length).toBeGreaterThan(34);
});

/** Dice of "darker than Otsu's threshold" against the mask. */
function otsuDice({ image, mask }: Phantom): number {
  const count = mask.data.length;
  const grey = Array.from({ length: count }, (_, i) =>
    Math.round((image.data[3 * i]! + image.data[3 * i + 1]! + image.data[3 * i + 2]!) / 3),
  );
  const histogram = new Array<number>(256).fill(0);
  for (const v of grey) histogram[v]!++;
  const all = grey.reduce((a, b) => a + b);
  let best = { between: -1, level: 0 };
  let low = 0;
  let sum = 0;
  for (let level = 0; level < 255; level++) {
    low += histogram[level]!;
    sum += level * histogram[level]!;
    if (low === 0 || low === count) continue;
    const gap = sum / low - (all - sum) / (count - low);
    const between = low * (count - low) * gap * gap;
    if (between > best.between) best = { between, level };
  }
  const found = grey.map((v) => (v <= best.level ? 1 : 0));
  const both = found.reduce<number>((sum, v, i) => sum + v * mask.data[i]!, 0);
  const total = found.reduce<number>((a, b) => a + b, 0) + mask.data.reduce((a, b) => a + b);
  return (2 * both) / total;
}

test("noise stays within -1..1, is centred and smooth", () => {
  for (const make of [noiseField, turnedNoiseField]) {
    const field = make(new Random(3), 64, 48, { cells: 6, octaves: 3 });
    expect(field.length).toBe(64 * 48);
    expect(Math.max(...field.map(Math.abs))).toBeLessThanOrEqual(1);
    expect(Math.abs(field.reduce((a, b) => a + b) / field.length)).toBeLessThan(0.15);
    const steps = field.subarray(1, 64).map((v, i) => Math.abs(v - field[i]!));
    expect(Math.max(...steps)).toBeLessThan(0.6);
    expect(Math.max(...field) - Math.min(...field)).toBeGreaterThan(0.5);
  }
  expect([smoothstep(0, 2, -1), smoothstep(0, 2, 1), smoothstep(0, 2, 3)]).toEqual([0, 0.5, 1]);
});

test("written phantoms are a data set with the same pixels", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sgdc-phantom-"));
  try {
    const told: number[] = [];
    const names = await writePhantoms(folder, {
      count: 3,
      size: 48,
      seed: 5,
      first: 2,
      onProgress: (n) => told.push(n),
    });
    expect(names).toEqual(["0002", "0003", "0004"]);
    expect(told).toEqual([1, 2, 3]);
    const { train } = await openDataset(folder);
    expect(train.map((s) => s.name)).toEqual(names);
    const made = makePhantom({ seed: 5, index: 3, size: 48 });
    const { image, labels } = await readSample(train[1]!);
    expect(hash({ image, mask: foregroundOf(labels) })).toBe(hash(made));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("bad sizes and counts are refused", async () => {
  expectError(
    () => makePhantom({ seed: 1, index: 0, size: [64, 31] }),
    ArgumentError,
    "phantom: sides must be whole and at least 32 pixels, got 31",
  );
  await expectRejection(
    writePhantoms("nowhere", { count: 0, size: 64, seed: 1 }),
    ArgumentError,
    "phantom: count must be a whole number of at least 1, got 0",
  );
});
