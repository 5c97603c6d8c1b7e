import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeNuclei } from "../../../test/helpers/nuclei.ts";
import { expectError, expectRejection } from "../../../test/helpers/expectError.ts";
import { ArgumentError, DataError } from "../../base/errors.ts";
import { createLoader, type Loader, type LoaderOptions } from "./createLoader.node.ts";
import { cutWindow } from "../augment/window.ts";
import type { Sample } from "../dataset.ts";
import { instanceBoundary } from "../labels/instanceBoundary.ts";
import type { Batch } from "./batch.ts";
import { normaliseImage } from "./networkInput.ts";
import { openDataset } from "../openDataset.node.ts";
import { resizeImage, resizeLabels } from "../images/resize.ts";
import { readSample } from "../readSample.node.ts";
import { writePhantoms } from "../phantoms/writePhantoms.node.ts";

let folder: string;
let samples: Sample[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-loader-"));
  await writePhantoms(folder, { count: 7, size: [40, 48], seed: 1 });
  samples = (await openDataset(folder)).train;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const make = (options: Partial<LoaderOptions> = {}): Loader =>
  createLoader({ samples, size: [32, 32], batchSize: 3, seed: 11, workers: 0, ...options });

async function all(loader: Loader, ...epochs: readonly number[]): Promise<Batch[]> {
  const batches: Batch[] = [];
  try {
    for (const n of epochs) for await (const batch of loader.epoch(n)) batches.push(batch);
  } finally {
    await loader.close();
  }
  return batches;
}

test("an epoch holds every sample once, in order, as NCHW floats", async () => {
  const batches = await all(make(), 0);
  expect(batches.map((b) => b.names)).toEqual([
    ["0000", "0001", "0002"],
    ["0003", "0004", "0005"],
    ["0006"],
  ]);
  expect(batches.map((b) => b.images.length)).toEqual([3, 3, 1].map((n) => n * 3 * 32 * 32));
  expect(batches.map((b) => b.masks.length)).toEqual([3, 3, 1].map((n) => n * 32 * 32));
  expect(new Set(batches.flatMap((b) => [...b.masks]))).toEqual(new Set([0, 1]));
});

test("dropLast leaves out the smaller batch", async () => {
  const loader = make({ dropLast: true });
  expect(loader.batchesPerEpoch).toBe(2);
  expect((await all(loader, 0)).map((b) => b.names.length)).toEqual([3, 3]);
});

test("shuffling gives each epoch its own order, the same every time", async () => {
  const names = async (...epochs: number[]) =>
    (await all(make({ shuffle: true }), ...epochs)).flatMap((b) => b.names);
  const both = await names(0, 1);
  expect(both.slice(0, 7)).not.toEqual(both.slice(7));
  expect([...both.slice(0, 7)].sort()).toEqual(samples.map((s) => s.name));
  expect(await names(1)).toEqual(both.slice(7));
});

test("batches are bit for bit the same with 0, 1 and 2 workers, with and without a cache", async () => {
  const options = { shuffle: true, augment: true };
  const expected = await all(make(options), 0, 1);
  // Room for three samples: some come from the cache, others from their files.
  for (const [workers, cacheBytes] of [
    [1, 0],
    [2, 3 * 32 * 32 * 4],
    [2, 2 ** 20],
  ] as const) {
    expect(await all(make({ ...options, workers, cacheBytes }), 0, 1)).toEqual(expected);
  }
});

test("an epoch does not depend on those before it: a resumed run gets the same batches", async () => {
  const options = { shuffle: true, augment: true, workers: 1 };
  const both = await all(make(options), 3, 4);
  expect(await all(make(options), 4)).toEqual(both.slice(3));
});

test("augmentation changes images and masks together, and only when asked", async () => {
  const plain = await all(make(), 0);
  const changed = await all(make({ augment: true }), 0);
  expect(changed[0]!.images).not.toEqual(plain[0]!.images);
  const flip = { horizontalFlip: 1, verticalFlip: 0, rotate: 0 };
  const [flipped] = await all(make({ augment: flip }), 0);
  const mirror = (row: Float32Array) => [...row].reverse();
  expect([...flipped!.masks.subarray(0, 32)]).toEqual(mirror(plain[0]!.masks.subarray(0, 32)));
  expect([...flipped!.images.subarray(0, 32)]).toEqual(mirror(plain[0]!.images.subarray(0, 32)));
});

test("workers go on while the calling thread is blocked", async () => {
  const own = await mkdtemp(join(tmpdir(), "sgdc-blocked-"));
  try {
    await writePhantoms(own, { count: 6, size: 32, seed: 2 });
    const { train } = await openDataset(own);
    const loader = make({ samples: train, batchSize: 1, workers: 1, cacheBytes: 0 });
    const epoch = loader.epoch(0);
    await epoch.next();
    // As inside a training step. The two next batches are made meanwhile, so that their files are not
    // needed any more.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    for (const { image } of train.slice(1)) rmSync(image);
    expect((await epoch.next()).value?.names).toEqual(["0001"]);
    expect((await epoch.next()).value?.names).toEqual(["0002"]);
    await expectRejection(
      epoch.next().then(() => epoch.next()),
      DataError,
      `${own}/images/000`,
    );
    await loader.close();
  } finally {
    await rm(own, { recursive: true, force: true });
  }
});

test("an error names its file, whatever thread it happened in", async () => {
  const bad = join(folder, "bad.png");
  await writeFile(bad, "hello");
  const spoiled = samples.map((s, i) => (i === 4 ? { ...s, image: bad } : s));
  for (const workers of [0, 1]) {
    await expectRejection(
      all(make({ samples: spoiled, workers }), 0),
      DataError,
      `${bad}: must be a PNG, JPEG, `,
    );
  }
});

test("an epoch left early and a closed loader end cleanly", async () => {
  const loader = make({ workers: 2, batchSize: 1 });
  for await (const batch of loader.epoch(0)) {
    expect(batch.names).toEqual(["0000"]);
    break;
  }
  const again = loader.epoch(1);
  expect((await again.next()).value?.names).toEqual(["0000"]);
  await loader.close();
  await expectRejection(
    loader.epoch(0).next(),
    ArgumentError,
    "loader: must be open to make batches, got a closed one",
  );
});

test("bad options are refused", async () => {
  expectError(
    () => make({ samples: [] }),
    DataError,
    "loader: samples must not be empty, got none",
  );
  expectError(
    () => make({ batchSize: 0 }),
    ArgumentError,
    "loader: batchSize must be a whole number of at least 1, got 0",
  );
  expectError(
    () => make({ workers: -1 }),
    ArgumentError,
    "loader: workers must be a whole number of at least 0, got -1",
  );
  await expectRejection(
    make().epoch(-1).next(),
    ArgumentError,
    "loader: epoch must be a whole number of at least 0, got -1",
  );
});

test("crops keep the scale, another one each epoch, with boundaries between instances", async () => {
  const own = await mkdtemp(join(tmpdir(), "sgdc-crops-"));
  try {
    await writeNuclei(own, { count: 3, size: 48, classes: 2 });
    const nuclei = Array.from({ length: 3 }, (_, index): Sample => ({
      name: String(index),
      image: join(own, "images.npy"),
      index,
      labels: { kind: "conic", path: join(own, "labels.npy"), index },
    }));
    const options: Partial<LoaderOptions> = {
      samples: nuclei,
      fit: "crop",
      target: { classes: 6, boundary: true },
      augment: { horizontalFlip: 0, verticalFlip: 0, rotate: 0 },
    };
    const expected = await all(make(options), 0, 1);
    const { image, labels } = await readSample(nuclei[0]!);
    const [first, second] = expected;
    const area = 32 * 32;
    expect(first!.masks.length).toBe(3 * 8 * area);
    expect(first!.images).not.toEqual(second!.images);

    // Which window of the image it is: its pixels stand there unchanged, and the labels with them.
    const window = (x: number, y: number) => {
      const part = cutWindow({ image, labels }, x, y, 32, 32);
      const pixels = new Float32Array(3 * area);
      normaliseImage(part.image, pixels);
      return { part, pixels };
    };
    const shown = first!.images.subarray(0, 3 * area);
    const places = Array.from({ length: 17 * 17 }, (_, i) => [i % 17, Math.floor(i / 17)] as const);
    const found = places
      .map(([x, y]) => window(x, y))
      .filter(({ pixels }) => pixels.every((v, i) => v === shown[i]));
    expect(found).toHaveLength(1);
    const { classes, instances } = found[0]!.part.labels;
    const planes = Array.from({ length: 8 }, (_, k) =>
      first!.masks.subarray(k * area, (k + 1) * area),
    );
    for (let k = 0; k <= 6; k++) {
      expect([...planes[k]!]).toEqual([...classes].map((value) => (value === k ? 1 : 0)));
    }
    expect([...planes[7]!]).toEqual([...instanceBoundary(instances!, 32, 32)]);

    // Whether cached or not, whatever thread.
    const nativeSizes = nuclei.map(() => ({ width: 48, height: 48 }));
    for (const [workers, cacheBytes] of [
      [1, 0],
      [2, 2 * 48 * 48 * 8],
    ] as const) {
      const again = await all(make({ ...options, nativeSizes, workers, cacheBytes }), 0, 1);
      expect(again).toEqual(expected);
    }
  } finally {
    await rm(own, { recursive: true, force: true });
  }
});

test("without augmentation the crop is the middle one, and joined classes are foreground", async () => {
  const options: Partial<LoaderOptions> = { fit: "crop" };
  const [batch] = await all(make(options), 0);
  const { image, labels } = await readSample(samples[0]!);
  const middle = cutWindow({ image, labels }, (48 - 32) / 2, (40 - 32) / 2, 32, 32);
  expect([...batch!.masks.subarray(0, 32 * 32)]).toEqual([...middle.labels.classes]);
});

test("a zoomed crop is a smaller window, enlarged", async () => {
  const [batch] = await all(make({ fit: "crop", zoom: 2 }), 0);
  const { image, labels } = await readSample(samples[0]!);
  const window = cutWindow({ image, labels }, (48 - 16) / 2, (40 - 16) / 2, 16, 16);
  const enlarged = resizeImage(window.image, 32, 32);
  const pixels = new Float32Array(3 * 32 * 32);
  normaliseImage(enlarged, pixels);
  expect([...batch!.images.subarray(0, pixels.length)]).toEqual([...pixels]);
  const classes = resizeLabels(window.labels, 32, 32).classes;
  expect([...batch!.masks.subarray(0, 32 * 32)]).toEqual([...classes]);
});
