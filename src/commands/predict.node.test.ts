import { execFileSync } from "node:child_process";
import sharp from "sharp";
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { errorOf } from "../../test/helpers/expectError.ts";
import { fakeEngine, writeRectangles, type FakeEngine } from "../../test/helpers/fakeEngine.ts";
import { readImage } from "../data/images/readImage.node.ts";
import { readMaskFile } from "../data/labels/labelFiles.node.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { encodeSafetensors } from "../tensor/safetensors.ts";
import { tensor } from "../tensor/tensor.ts";
import { readCheckpoint, saveCheckpoint } from "../run/checkpoint.node.ts";
import { evaluate } from "./evaluate.node.ts";
import { inspect } from "./inspect.node.ts";
import { predict } from "./predict.node.ts";
import { train } from "./train.node.ts";

let shared: string;
let root: string;
let engine: FakeEngine;
const at = (...parts: string[]): string => join(shared, ...parts);

beforeAll(async () => {
  shared = await mkdtemp(join(tmpdir(), "sgdc-trained-"));
  await writeRectangles(at("data"), 12);
  await train(
    {
      out: at("run"),
      data: { path: at("data"), size: 64, validation: 0.25, workers: 0 },
      training: { epochs: 12, batchSize: 4, learningRate: 0.3, weightDecay: 0 },
    },
    { engine: fakeEngine() },
  );
  return () => rm(shared, { recursive: true });
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-predict-"));
  engine = fakeEngine();
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
  expect(engine.open).toBe(0);
});

describe("evaluate", () => {
  it("scores the validation images of the run where there are no test images", async () => {
    const result = await evaluate({ checkpoint: at("run"), out: join(root, "out") }, { engine });
    expect(result.part).toBe("validation");
    expect(result.summary.images).toBe(3);
    expect(result.summary.metrics.dice.mean).toBeGreaterThan(0.8);
    const split = JSON.parse(await readFile(at("run/split.json"), "utf8")) as {
      validation: string[];
    };
    expect(result.perImage.map(({ name }) => name)).toEqual(split.validation);
    const { width } = await readImage(at("data/images", `${split.validation[0]!}.png`));
    expect(result.perImage[0]!.scores.width).toBe(width);
    expect((await readdir(join(root, "out"))).sort()).toEqual([
      "report.html",
      "scores.csv",
      "scores.json",
    ]);
    const csv = await readFile(join(root, "out/scores.csv"), "utf8");
    expect(csv.trim().split("\r\n")).toHaveLength(4);
  });

  it("takes another data set whole, and another part", async () => {
    const other = join(root, "other");
    await writeRectangles(other, 5, 1);
    const foreign = await evaluate({ checkpoint: at("run"), data: other }, { engine });
    expect([foreign.part, foreign.summary.images, foreign.files]).toEqual(["all", 5, []]);
    const own = await evaluate({ checkpoint: at("run"), part: "train" }, { engine });
    expect(own.summary.images).toBe(9);
  });

  it("scores at one size for all where that is asked for", async () => {
    const { perImage } = await evaluate({ checkpoint: at("run"), scoreSize: 32 }, { engine });
    expect(perImage.every(({ scores }) => scores.width === 32 && scores.height === 32)).toBe(true);
  });

  it("refuses an empty part and unknown options", async () => {
    const part = await errorOf(evaluate({ checkpoint: at("run"), part: "test" }, { engine }));
    expect(part).toBeInstanceOf(DataError);
    expect(part.message).toMatch(
      /part test must hold images, got none \(train 9, validation 3, test 0\)$/,
    );
    const options = { checkpoint: at("run"), treshold: 0.4 };
    const unknown = await errorOf(evaluate(options, { engine }));
    expect(unknown).toBeInstanceOf(ArgumentError);
    expect(unknown.message).toBe(
      'treshold: every option must be a known one, got "treshold"; did you mean "threshold"?',
    );
  });

  it("refuses what is no checkpoint", async () => {
    const missing = await errorOf(evaluate({ checkpoint: join(root, "x") }, { engine }));
    expect(missing.message).toMatch(/x: must be a checkpoint or the folder of a run, got no such/);
    const empty = await errorOf(evaluate({ checkpoint: root }, { engine }));
    expect(empty.message).toMatch(
      /: must be the folder of a run with checkpoints\/best\.safetensors, got a folder without it$/,
    );
    const foreign = join(root, "foreign.safetensors");
    const tensors = new Map([["w", tensor([1], [1])]]);
    await writeFile(foreign, encodeSafetensors({ tensors }));
    const other = await errorOf(evaluate({ checkpoint: foreign }, { engine }));
    expect(other).toBeInstanceOf(DataError);
    expect(other.message).toMatch(
      /foreign\.safetensors: must be a checkpoint of sgdc, format 1 or 2, got a safetensors file of other origin; name the network of plain weights with --network or --preset$/,
    );
    const damaged = join(root, "damaged.safetensors");
    const bytes = await readFile(at("run/checkpoints/best.safetensors"));
    await writeFile(damaged, bytes.subarray(0, bytes.length - 2));
    const cut = await errorOf(evaluate({ checkpoint: damaged }, { engine }));
    expect(cut.message).toMatch(/damaged\.safetensors: data must have .* the file is truncated$/);
  });

  it("refuses a checkpoint whose configuration this version does not know", async () => {
    const file = join(root, "later.safetensors");
    const checkpoint = await readCheckpoint(at("run/checkpoints/best.safetensors"));
    const network = { ...checkpoint.config.network, options: { novelty: 1 } };
    await saveCheckpoint(file, { ...checkpoint, config: { ...checkpoint.config, network } });
    const error = await errorOf(evaluate({ checkpoint: file }, { engine }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(
      /later\.safetensors: the checkpoint's configuration must be one that this version knows, got: network\.options\.novelty/,
    );
  });
});

describe("predict", () => {
  it("writes mask, probability and overlay at the size of the image", async () => {
    const out = join(root, "out");
    const { images: results } = await predict(
      { checkpoint: at("run"), inputs: [at("data/images/img_0.png")], out },
      { engine },
    );
    expect((await readdir(out)).sort()).toEqual([
      "img_0_mask.png",
      "img_0_overlay.png",
      "img_0_probability.png",
    ]);
    const truth = await readMaskFile(at("data/masks/img_0.png"));
    const mask = await readMaskFile(join(out, "img_0_mask.png"));
    expect([mask.width, mask.height]).toEqual([truth.width, truth.height]);
    const wrong = mask.data.filter((value, i) => value !== truth.data[i]).length;
    expect(wrong / truth.data.length).toBeLessThan(0.06);
    const share = mask.data.reduce((sum, value) => sum + value, 0) / mask.data.length;
    expect(results[0]!.foreground[0]).toBeCloseTo(share, 12);
    // Foreground is where the probability is at least one half, in 8 bits 128 and up.
    const probability = await readImage(join(out, "img_0_probability.png"));
    mask.data.forEach((value, i) => {
      expect(probability.data[i * 3]! >= 127.5).toBe(value === 1);
    });
  });

  it("takes folders, flips and further maps", async () => {
    const out = join(root, "out");
    const { images: results } = await predict(
      {
        checkpoint: at("run"),
        inputs: [at("data/images")],
        out,
        tta: true,
        maps: ["edge", "guidance"],
      },
      { engine },
    );
    expect(results).toHaveLength(12);
    expect(results[0]!.files.map((file) => file.replace(out, ""))).toEqual([
      "/img_0_mask.png",
      "/img_0_probability.png",
      "/img_0_overlay.png",
      "/img_0_edge.png",
      "/img_0_guidance.png",
    ]);
    const { width, height } = await readImage(join(out, "img_0_guidance.png"));
    expect([width, height]).toEqual([results[0]!.width, results[0]!.height]);
    // The fake looks at each pixel alone, so that flips change nothing.
    const { images: plain } = await predict(
      { checkpoint: at("run"), inputs: [at("data/images")], out: join(root, "plain") },
      { engine },
    );
    expect(results.map((r) => r.foreground)).toEqual(plain.map((r) => r.foreground));
  });

  it("writes class numbers, and one map for each of several classes", async () => {
    const file = join(root, "three.safetensors");
    const checkpoint = await readCheckpoint(at("run/checkpoints/best.safetensors"));
    const data = { ...checkpoint.config.data, classes: 3 };
    await saveCheckpoint(file, { ...checkpoint, config: { ...checkpoint.config, data } });
    const inputs = [at("data/images/img_1.png")];
    const { images } = await predict({ checkpoint: file, inputs, out: root }, { engine });
    expect((await readdir(root)).filter((name) => name.startsWith("img_1"))).toEqual([
      "img_1_classes.png",
      "img_1_overlay.png",
      "img_1_probability_1.png",
      "img_1_probability_2.png",
      "img_1_probability_3.png",
    ]);
    // The fake gives p to the background, and 1 - p to each class: the first of equals is taken.
    const numbers = sharp(join(root, "img_1_classes.png")).toColourspace("b-w").raw();
    const found = new Set(await numbers.toBuffer());
    expect(found).toEqual(new Set([0, 1]));
    const [first] = images[0]!.foreground;
    expect(images[0]!.foreground).toEqual([first, 0, 0]);
    expect(first).toBeGreaterThan(0);
  });

  it("never writes over a file unasked", async () => {
    const options = { checkpoint: at("run"), inputs: [at("data/images/img_0.png")], out: root };
    await writeFile(join(root, "img_0_mask.png"), "precious");
    const error = await errorOf(predict(options, { engine }));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(
      /img_0_mask\.png: output file must not exist yet, got one; choose/,
    );
    expect(await readFile(join(root, "img_0_mask.png"), "utf8")).toBe("precious");
    await predict({ ...options, overwrite: true }, { engine });
    expect((await readMaskFile(join(root, "img_0_mask.png"))).width).toBeGreaterThan(0);
  });

  it("refuses two images of one name", async () => {
    await mkdir(join(root, "b"));
    await copyFile(at("data/images/img_0.png"), join(root, "b/img_0.png"));
    const inputs = [at("data/images/img_0.png"), join(root, "b")];
    const error = await errorOf(predict({ checkpoint: at("run"), inputs, out: root }, { engine }));
    expect(error.message).toMatch(
      /^predict: images must differ in their names without extension, got .*img_0\.png and .*b\/img_0\.png; predict them into separate folders, or take one format of a folder with --prefer$/,
    );
  });

  it("takes the format that is preferred where a folder holds every picture in two", async () => {
    const inner = join(root, "set/images");
    await mkdir(inner, { recursive: true });
    for (const name of ["a", "b"]) {
      await copyFile(at("data/images/img_0.png"), join(inner, `${name}.png`));
      await sharp(at("data/images/img_1.png")).toFile(join(inner, `${name}.jpg`));
    }
    // The folder itself, and one that holds it.
    for (const [n, input] of [inner, join(root, "set")].entries()) {
      const options = { checkpoint: at("run"), inputs: [input], out: join(root, `out${n}`) };
      const both = await errorOf(predict(options, { engine }));
      expect(both.message).toMatch(/got .*a\.jpg and .*a\.png; .* with --prefer$/);
      const { images } = await predict({ ...options, prefer: "jpg" }, { engine });
      expect(images.map(({ image }) => image)).toEqual([
        join(inner, "a.jpg"),
        join(inner, "b.jpg"),
      ]);
    }
  });

  it("goes on after files that cannot be read, and names them", async () => {
    const folder = join(root, "in");
    await mkdir(folder);
    await writeFile(join(folder, "a.png"), "no picture");
    await copyFile(at("data/images/img_0.png"), join(folder, "b.png"));
    execFileSync("mkfifo", [join(folder, "c.png")]);
    const inputs = ["a", "b", "c"].map((name) => join(folder, `${name}.png`));
    const out = join(root, "out");
    const { images, failures } = await predict({ checkpoint: at("run"), inputs, out }, { engine });
    expect(images.map(({ image }) => image)).toEqual([inputs[1]]);
    expect(failures.map(({ image }) => image)).toEqual([inputs[0], inputs[2]]);
    expect(failures[0]!.message).toMatch(/a\.png: must be a PNG, JPEG, .* got a file that is none/);
    expect(failures[1]!.message).toBe(`${inputs[2]!}: must be a readable image, got a pipe`);
    expect((await readdir(out)).every((name) => name.startsWith("b_"))).toBe(true);
  });

  it("writes no file of an image unless it can write all of them", async () => {
    const out = join(root, "out");
    const inputs = [at("data/images/img_0.png"), at("data/images/img_1.png")];
    const options = { checkpoint: at("run"), inputs, out, overwrite: true };
    await mkdir(join(out, "img_0_overlay.png"), { recursive: true });
    const { images, failures } = await predict(options, { engine });
    expect(images).toHaveLength(1);
    expect(failures[0]!.message).toMatch(
      /img_0_overlay\.png: the file must be writable, got a folder/,
    );
    expect((await readdir(out)).filter((name) => name.includes("img_0"))).toEqual([
      "img_0_overlay.png",
    ]);

    const broken = fakeEngine();
    const withNaN: FakeEngine["openPredictor"] = async (config, weights, use) => {
      const predictor = await engine.openPredictor(config, weights, use);
      return {
        ...predictor,
        async predict(pixels, count) {
          const found = await predictor.predict(pixels, count);
          found.probabilities[70] = NaN;
          return found;
        },
      };
    };
    const nan = join(root, "nan");
    const result = await predict(
      { ...options, out: nan },
      { engine: { ...broken, openPredictor: withNaN } },
    );
    expect(result.failures).toHaveLength(2);
    expect(result.failures[0]!.message).toMatch(
      /^prediction: the network must give numbers, got NaN at row \d+, column \d+; the weights may be damaged/,
    );
    expect(await readdir(nan)).toEqual([]);
  });

  it("leaves out what is there already when asked to", async () => {
    const out = join(root, "out");
    const options = { checkpoint: at("run"), out, skipExisting: true };
    await predict({ ...options, inputs: [at("data/images/img_3.png")] }, { engine });
    const before = await readFile(join(out, "img_3_mask.png"));
    const again = await predict({ ...options, inputs: [at("data/images")] }, { engine });
    expect(again.skipped).toEqual([at("data/images/img_3.png")]);
    expect(again.images).toHaveLength(11);
    expect(await readFile(join(out, "img_3_mask.png"))).toEqual(before);
    const all = await predict({ ...options, inputs: [at("data/images")] }, { engine });
    expect([all.skipped.length, all.images.length]).toEqual([12, 0]);
    // A part of an image's files is somebody else's.
    await rm(join(out, "img_3_mask.png"));
    const error = await errorOf(predict({ ...options, inputs: [at("data/images")] }, { engine }));
    expect(error.message).toMatch(/img_3_probability\.png: output file must not exist yet/);
    const both = await errorOf(
      predict({ ...options, inputs: [root], overwrite: true }, { engine }),
    );
    expect(both.message).toBe("predict: overwrite and skipExisting exclude each other, got both");
  });

  it("tells the objects of images that were left out as it did at first", async () => {
    const file = join(root, "instances.safetensors");
    const checkpoint = await readCheckpoint(at("run/checkpoints/best.safetensors"));
    const data = { ...checkpoint.config.data, instances: true };
    await saveCheckpoint(file, { ...checkpoint, config: { ...checkpoint.config, data } });
    const out = join(root, "out");
    const options = { checkpoint: file, out, inputs: [at("data/images")], skipExisting: true };
    await predict(options, { engine });
    const first = await readFile(join(out, "instances.json"), "utf8");
    expect((JSON.parse(first) as { annotations: unknown[] }).annotations.length).toBeGreaterThan(0);
    for (const name of await readdir(out))
      if (/^(img_2|img_7|instances)/.test(name)) await rm(join(out, name));
    const second = await predict(options, { engine });
    expect([second.images.length, second.skipped.length]).toEqual([2, 10]);
    expect(await readFile(join(out, "instances.json"), "utf8")).toBe(first);
    await writeFile(join(out, "img_4_instances.geojson"), "{}");
    const { failures } = await predict(options, { engine });
    expect(failures[0]!.message).toMatch(
      /img_4_instances\.geojson: must hold the objects of an earlier prediction, got something else; replace it with --overwrite$/,
    );
  });

  it("takes the folder of a data set as training does, and one with images alone", async () => {
    const { images } = await predict(
      { checkpoint: at("run"), inputs: [at("data")], out: join(root, "set") },
      { engine },
    );
    expect(images.map(({ image }) => image)).toContain(at("data/images/img_11.png"));
    expect(images).toHaveLength(12);
    await mkdir(join(root, "new/images"), { recursive: true });
    await copyFile(at("data/images/img_0.png"), join(root, "new/images/x.png"));
    const alone = await predict(
      { checkpoint: at("run"), inputs: [join(root, "new")], out: join(root, "alone") },
      { engine },
    );
    expect(alone.images.map(({ image }) => image)).toEqual([join(root, "new/images/x.png")]);
    await mkdir(join(root, "empty"));
    const nothing = await errorOf(
      predict({ checkpoint: at("run"), inputs: [join(root, "empty")], out: root }, { engine }),
    );
    expect(nothing.message).toMatch(
      /empty: must hold a data set of a known layout, got an empty folder/,
    );
  });
});

describe("inspect", () => {
  it("tells epoch and score of a checkpoint, and takes another size", async () => {
    const result = await inspect({ checkpoint: at("run"), size: 96 }, engine);
    expect(result.size).toBe(96);
    expect(result.checkpoint).toMatchObject({ epochs: 12 });
    expect(result.checkpoint!.best!.score).toBeGreaterThan(0.5);
    expect(result.macs.layers).toBe(3 * 96 ** 2);
  });

  it("refuses to change the network of a checkpoint", async () => {
    const error = await errorOf(
      inspect({ checkpoint: at("run"), preset: "paper", classes: 2 }, engine),
    );
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toBe(
      "inspect: a checkpoint brings its own network, got preset, classes besides; leave them out",
    );
  });
});
