import { expect, test } from "vitest";
import { Random } from "../../base/random.ts";
import type { Labelled, RgbImage } from "../../tensor/raster.ts";
import { applyShift } from "./applyShift.node.ts";
import { shiftNames, shiftTable, type ShiftName } from "./shifts.ts";

const [width, height] = [13, 9];
const random = Random.of(1, "picture");
const data = Uint8Array.from({ length: width * height * 3 }, () => random.int(256));
const image: RgbImage = { width, height, data };
const classes = Uint8Array.from({ length: width * height }, (_, i) => (i % width > 6 ? 1 : 0));
const instances = Int32Array.from(classes, (value, i) => value * (i < 60 ? 3 : 8));
const sample: Labelled = { image, labels: { width, height, classes, instances } };

const shifted = (name: ShiftName, strength: number): Promise<Labelled> =>
  applyShift(sample, name, strength, Random.of(5, name));

/** Largest difference of the picture from what a float64 loop gives for each pixel and channel. */
async function errorOf(
  name: ShiftName,
  strength: number,
  expected: (x: number, y: number, c: number) => number,
): Promise<number> {
  const { image: result, labels } = await shifted(name, strength);
  expect([labels.classes, labels.instances]).toEqual([classes, instances]);
  let most = 0;
  for (let i = 0; i < data.length; i++) {
    const [pixel, c] = [Math.floor(i / 3), i % 3];
    const value = expected(pixel % width, Math.floor(pixel / width), c);
    most = Math.max(most, Math.abs(Math.min(255, Math.max(0, value)) - result.data[i]!));
  }
  return most;
}

const at = (x: number, y: number, c: number): number => data[(y * width + x) * 3 + c]!;
const luminance = (x: number, y: number): number =>
  0.299 * at(x, y, 0) + 0.587 * at(x, y, 1) + 0.114 * at(x, y, 2);
let sum = 0;
for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) sum += luminance(x, y);
const meanLuminance = sum / (width * height);
const rounding = 0.5 + 1e-9;

test("shifts of brightness, contrast, gamma and colour are their formulas, pixel by pixel", async () => {
  for (const s of [0.25, 0.6, 1]) {
    const darker = await errorOf("darker", s, (x, y, c) => at(x, y, c) * (1 - 0.75 * s));
    const brighter = await errorOf("brighter", s, (x, y, c) => at(x, y, c) * (1 + s));
    const flatter = await errorOf(
      ...(["flatter", s] as const),
      (x, y, c) => meanLuminance + (1 - 0.8 * s) * (at(x, y, c) - meanLuminance),
    );
    const up = await errorOf("gammaUp", s, (x, y, c) => 255 * (at(x, y, c) / 255) ** (3 ** s));
    const down = await errorOf("gammaDown", s, (x, y, c) => 255 * (at(x, y, c) / 255) ** (3 ** -s));
    const grey = await errorOf(
      ...(["grey", s] as const),
      (x, y, c) => luminance(x, y) + (1 - s) * (at(x, y, c) - luminance(x, y)),
    );
    for (const error of [darker, brighter, flatter, up, down, grey])
      expect(error).toBeLessThanOrEqual(rounding);
  }
});

test("a vignette takes its share in the corners and nothing in the middle", async () => {
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  const error = await errorOf("vignette", 0.6, (x, y, c) => {
    const r2 = ((x - centreX) ** 2 + (y - centreY) ** 2) / (centreX ** 2 + centreY ** 2);
    return at(x, y, c) * (1 - 0.6 * r2);
  });
  expect(error).toBeLessThanOrEqual(rounding);
  const { image: whole } = await shifted("vignette", 1);
  expect([...whole.data.subarray(0, 3)]).toEqual([0, 0, 0]);
  const middle = 3 * (4 * width + 6);
  expect(whole.data.subarray(middle, middle + 3)).toEqual(data.subarray(middle, middle + 3));
});

test("a blur is the sum over its Gaussian's window, borders mirrored", async () => {
  const sigma = 4 * 0.25;
  const radius = Math.floor(3.5 * sigma);
  const mirrored = (i: number, n: number) => (i < 0 ? -i : i >= n ? 2 * n - 2 - i : i);
  const error = await errorOf("blur", 0.25, (x, y, c) => {
    let [total, weights] = [0, 0];
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const weight = Math.exp(-(dx ** 2 + dy ** 2) / (2 * sigma ** 2));
        total += weight * at(mirrored(x + dx, width), mirrored(y + dy, height), c);
        weights += weight;
      }
    }
    return total / weights;
  });
  expect(error).toBeLessThan(1);
});

test("a hue shift keeps the largest and the smallest channel of every pixel", async () => {
  const { image: turned } = await shifted("hue", 1);
  let changed = 0;
  for (let i = 0; i < data.length; i += 3) {
    const [before, after] = [data.subarray(i, i + 3), turned.data.subarray(i, i + 3)];
    expect(Math.max(...after)).toBe(Math.max(...before));
    expect(Math.min(...after)).toBe(Math.min(...before));
    if (after.some((value, c) => value !== before[c])) changed++;
  }
  expect(changed).toBeGreaterThan(100);
});

test("noise is that of its seed, as large as it says, and grows with the strength alone", async () => {
  const side = 64;
  const grey: Labelled = {
    image: { width: side, height: side, data: new Uint8Array(3 * side * side).fill(128) },
    labels: { width: side, height: side, classes: new Uint8Array(side * side) },
  };
  const noise = async (strength: number, seed: number) => {
    const { image: noisy } = await applyShift(grey, "noise", strength, Random.of(seed));
    return Float64Array.from(noisy.data, (value) => value - 128);
  };
  const [weak, strong] = [await noise(0.5, 3), await noise(1, 3)];
  expect(await noise(0.5, 3)).toEqual(weak);
  expect(await noise(0.5, 4)).not.toEqual(weak);
  const std = Math.sqrt(weak.reduce((total, value) => total + value ** 2, 0) / weak.length);
  expect(std / 255).toBeGreaterThan(0.095);
  expect(std / 255).toBeLessThan(0.105);
  const inRange = [...weak].flatMap((value, i) =>
    Math.abs(strong[i]!) < 126 ? [strong[i]! - 2 * value] : [],
  );
  expect(Math.max(...inRange.map(Math.abs))).toBeLessThanOrEqual(1.5);
});

test("magnification changes the size of image and labels alike, by the nearest label", async () => {
  const { image: small, labels } = await shifted("smaller", 1);
  expect([small.width, small.height, labels.width, labels.height]).toEqual([7, 5, 7, 5]);
  for (let y = 0; y < 5; y++) {
    for (let x = 0; x < 7; x++) {
      const from = Math.floor(((y + 0.5) * 9) / 5) * width + Math.floor(((x + 0.5) * 13) / 7);
      expect(labels.classes[y * 7 + x]).toBe(classes[from]);
      expect(labels.instances![y * 7 + x]).toBe(instances[from]);
    }
  }
  const { image: large } = await shifted("larger", 1);
  expect([large.width, large.height]).toEqual([26, 18]);
});

test("JPEG loses more the lower its quality, and keeps the size", async () => {
  const loss = async (strength: number) => {
    const { image: saved } = await shifted("jpeg", strength);
    expect([saved.width, saved.height, saved.data.length]).toEqual([width, height, data.length]);
    return saved.data.reduce((total, value, i) => total + Math.abs(value - data[i]!), 0);
  };
  const losses = [await loss(0.1), await loss(0.5), await loss(1)];
  expect(losses[0]).toBeGreaterThan(0);
  expect([...losses].sort((a, b) => a - b)).toEqual(losses);
});

test("every shift changes the picture more the stronger it is, and nothing at strength 0", async () => {
  for (const name of shiftNames) {
    expect(await shifted(name, 0)).toBe(sample);
    const amounts = [0.25, 0.5, 1].map((strength) => shiftTable[name].amount(strength));
    const steps = amounts.slice(1).map((amount, i) => amount - amounts[i]!);
    expect(steps.every((step) => Math.sign(step) === Math.sign(steps[0]!) && step !== 0)).toBe(
      true,
    );
    expect((await shifted(name, 1)).image.data).not.toEqual(data);
  }
});
