import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { fakeEngine } from "../../test/helpers/fakeEngine.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { writeImagePng, writeLabelPng, writeMaskPng } from "../data/formats/writePng.node.ts";
import { openCheckpoint } from "../run/openCheckpoint.node.ts";
import { resolveConfig } from "../run/config.ts";
import { valueRangeOf } from "../run/valueRange.ts";
import { dataInspect } from "./dataInspect.node.ts";
import { evaluate } from "./evaluate.node.ts";
import { predict } from "./predict.node.ts";
import { train } from "./train.node.ts";

let root: string;
const at = (name: string): string => join(root, name);

/** Pictures of 12 bits in 16-bit files: a bright square on a dark, noisy ground. */
async function writeTwelveBits(folder: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const random = Random.of("twelve", n);
    const [width, height] = [64 + n, 60];
    const data = new Uint16Array(width * height).map(() => 500 + random.int(400));
    const mask = new Uint8Array(width * height);
    const left = 5 + random.int(25);
    for (let y = 15; y < 40; y++) {
      for (let x = left; x < left + 25; x++) {
        data[y * width + x]! += 3000;
        mask[y * width + x] = 1;
      }
    }
    await writeLabelPng(join(folder, "images", `img_${n}.png`), { width, height, data });
    await writeMaskPng(join(folder, "masks", `img_${n}.png`), { width, height, data: mask });
  }
}

const options = (out: string, normalise?: "fixed" | "image" | "dataset") => ({
  out: at(out),
  data: { path: at("data"), size: 64, validation: 0.25, workers: 0, normalise },
  training: { epochs: 8, batchSize: 4, learningRate: 0.3, weightDecay: 0 },
});

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-normalise-"));
  await writeTwelveBits(at("data"), 12);
  return () => rm(root, { recursive: true, maxRetries: 5 });
});

test("images of 16 bits that use little of their range are not trained on without a word", async () => {
  await expectRejection(
    train(options("untold"), { engine: fakeEngine() }),
    DataError,
    `${at("data")}: images of 16 bits must use their range, or it must be said how they are read, got values up to 3899 of 65535 in the 9 looked at, which would be seen as nearly black; say --normalise image (each by its own percentiles), dataset (all by the same) or fixed (as they are)`,
  );
});

test("percentiles of each image are kept in the checkpoint, and used by evaluate and predict", async () => {
  const engine = fakeEngine();
  const { folder } = await train(options("image", "image"), { engine });
  const { facts } = await openCheckpoint(folder.path);
  expect(facts.input.values).toEqual({ mode: "image" });
  const { summary } = await evaluate({ checkpoint: folder.path }, { engine });
  expect(summary.metrics.dice.mean).toBeGreaterThan(0.7);

  const inputs = [at("data/images/img_0.png")];
  const { images } = await predict(
    { checkpoint: folder.path, inputs, out: at("masks") },
    { engine },
  );
  const share = (25 * 25) / (64 * 60);
  expect(images[0]!.foreground[0]! / share).toBeGreaterThan(0.7);
});

test("a range measured on the training images is kept in the checkpoint, and other depths are refused", async () => {
  const engine = fakeEngine();
  const { folder } = await train(options("dataset", "dataset"), { engine });
  const { facts, config } = await openCheckpoint(folder.path);
  const { values } = facts.input;
  expect(values).toEqual(valueRangeOf(config.data));
  if (values.mode !== "dataset") throw new Error("no measured range");
  expect(values.bits).toBe(16);
  // Of the pixels 1 in 100 lies below 504, and 1 in 100 above some 3890.
  for (const low of values.low) expect(low > 500 && low < 520).toBe(true);
  for (const high of values.high) expect(high > 3800 && high < 3900).toBe(true);

  await writeImagePng(at("eight.png"), { width: 8, height: 8, data: new Uint8Array(192) });
  const inputs = [at("eight.png")];
  const { failures } = await predict(
    { checkpoint: folder.path, inputs, out: at("masks") },
    { engine },
  );
  expect(failures[0]!.message).toBe(
    `${at("eight.png")}: image must have 16 bits a value, as those that the range of values was measured on, got 8; convert it, or train with --normalise image`,
  );
});

test("images of 8 bits are read as ever where nothing is told", () => {
  const { data } = resolveConfig({ data: { path: "x" } });
  expect(valueRangeOf(data)).toEqual({ mode: "fixed" });
});

test("a measured range that is not whole is refused", async () => {
  const { data } = resolveConfig({
    data: { path: "x", normalise: "dataset", normaliseRange: [12, 0, 1, 0, 1, 0, 1] },
  });
  await expectRejection(
    Promise.resolve().then(() => valueRangeOf(data)),
    ArgumentError,
    "data.normaliseRange must be 8 or 16 bits and three pairs of low and high values, got [12,0,1,0,1,0,1]",
  );
});

test("data inspect says the range of 16-bit images, and names the dark ones", async () => {
  const found = await dataInspect({ path: at("data") });
  expect(found.sixteenBits).toMatchObject({ images: 12, least: 500 });
  expect(found.sixteenBits!.most).toBeLessThan(4096);
  expect(found.suspicious.find(({ kind }) => kind === "narrow")!.samples).toHaveLength(12);
});
