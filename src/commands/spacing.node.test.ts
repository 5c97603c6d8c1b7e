import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dicomFile } from "../../test/helpers/dicomFile.ts";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { fakeEngine } from "../../test/helpers/fakeEngine.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { writeMaskPng } from "../data/formats/writePng.node.ts";
import type { Predictor } from "../predict/predictor.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { crossValidate } from "./crossValidate.node.ts";
import { evaluate } from "./evaluate.node.ts";
import { predictedPairs } from "../score/predictedPairs.node.ts";
import { scorePairs, type ScoreRules } from "../score/scorePairs.ts";
import { score } from "./score.node.ts";
import { train } from "./train.node.ts";

const size = 64;
type Spacing = readonly [number, number] | undefined;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-mm-"));
  await mkdir(join(root, "data/images"), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

/** White squares of 20 x 20 pixels; their masks lie 4 rows lower. */
async function putScans(spacings: readonly Spacing[]): Promise<void> {
  for (const [n, spacing] of spacings.entries()) {
    const square = (top: number) => (i: number) => {
      const [x, y] = [i % size, Math.floor(i / size)];
      return y >= top && y < top + 20 && x >= 10 + 2 * n && x < 30 + 2 * n;
    };
    const [shown, labelled] = [square(10), square(14)];
    const area = { length: size * size };
    const data = Uint8Array.from({ length: 3 * size * size }, (_, i) =>
      shown(Math.floor(i / 3)) ? 255 : 0,
    );
    await writeFile(
      join(root, `data/images/scan_${n}.dcm`),
      dicomFile({ width: size, height: size, data }, spacing),
    );
    await writeMaskPng(join(root, `data/masks/scan_${n}.png`), {
      width: size,
      height: size,
      data: Uint8Array.from(area, (_, i) => Number(labelled(i))),
    });
  }
}

const samples = async () => (await openDataset(join(root, "data"))).train;

/** Foreground is what is bright. */
const bright: Predictor = {
  channels: 1,
  size,
  predict: (images, count) =>
    Promise.resolve({
      probabilities: Float32Array.from({ length: count * size * size }, (_, i) => {
        const n = Math.floor(i / (size * size));
        return images[n * 3 * size * size + (i % (size * size))]! > 0 ? 1 : 0;
      }),
    }),
  dispose: () => Promise.resolve(),
};

const evaluated = async (rules?: ScoreRules, scoreSize?: number) =>
  scorePairs(
    predictedPairs(bright, await samples(), scoreSize === undefined ? {} : { scoreSize }),
    rules,
  );

test("an evaluation measures in mm where every image tells the size of its pixels, at any size", async () => {
  await putScans([
    [2, 0.5],
    [3, 1],
  ]);
  const { summary, perImage, spacing } = await evaluated();
  expect(spacing).toEqual({ images: 2, known: 2 });
  expect(summary.unit).toBe("mm");
  // 4 rows of 2 and of 3 mm.
  expect(perImage.map(({ scores }) => scores.hausdorff)).toEqual([8, 12]);
  expect(summary.metrics.hausdorff.mean).toBe(10);
  const half = await evaluated({}, 32);
  expect(half.perImage.map(({ scores }) => scores.hausdorff)).toEqual([8, 12]);
  const pixels = await evaluated({ unit: "px" });
  expect(pixels.summary.unit).toBe("px");
  expect(pixels.perImage.map(({ scores }) => scores.hausdorff)).toEqual([4, 4]);
  // Within the Hausdorff distance, all of both borders; of the first scan only.
  const wide = await evaluated({ nsdTolerance: 8 });
  expect(wide.perImage.map(({ scores }) => scores.nsd === 1)).toEqual([true, false]);
  expect(wide.summary.nsdTolerance).toBe(8);
});

test("one image without a spacing puts all distances into pixels, or is refused", async () => {
  await putScans([[2, 0.5], undefined, [3, 1]]);
  const { summary, perImage, spacing } = await evaluated();
  expect(spacing).toEqual({ images: 3, known: 2 });
  expect(summary.unit).toBe("px");
  expect(perImage.map(({ scores }) => scores.hausdorff)).toEqual([4, 4, 4]);
  await expectRejection(
    evaluated({ unit: "mm" }),
    DataError,
    "evaluation: all images must tell the size of their pixels for distances in mm, got 2 of 3; leave out --unit mm",
  );
});

const options = (name: string) => ({
  out: join(root, name),
  data: { path: join(root, "data"), size, validation: 0.34, workers: 0 },
  training: { epochs: 1, batchSize: 2, learningRate: 0.3 },
});

test("the unit stands in the JSON, the CSV and the report of an evaluation, with a line why it is pixels", async () => {
  const engine = fakeEngine();
  await putScans([[2, 0.5], [3, 1], [3, 1], undefined]);
  await train(options("run"), { engine });
  const checkpoint = join(root, "run");
  const text = "distances in pixels: 3 of 4 images tell the size of their pixels in mm";
  const out = join(root, "mixed");
  await evaluate({ checkpoint, part: "all", out }, { engine });
  expect(await readFile(join(out, "report.html"), "utf8")).toContain(text);
  expect(JSON.parse(await readFile(join(out, "scores.json"), "utf8"))).toMatchObject({
    spacing: { images: 4, known: 3 },
    summary: { unit: "px" },
  });
  await rm(join(root, "data/images/scan_3.dcm"));
  await rm(join(root, "data/masks/scan_3.png"));
  await rm(join(root, "run/split.json"));
  const mm = join(root, "mm");
  await evaluate({ checkpoint, part: "all", out: mm }, { engine });
  const html = await readFile(join(mm, "report.html"), "utf8");
  expect(html).toContain("HD95 (mm)");
  expect(html).not.toContain("distances in pixels");
  expect(await readFile(join(mm, "scores.csv"), "utf8")).toContain("scan_0,64,64,mm,");
});

test("a cross-validation has one unit in all folds", async () => {
  const engine = fakeEngine();
  await putScans([[2, 0.5], [3, 1], [3, 1], [3, 1], [3, 1], undefined]);
  const run = (name: string, evaluation = {}) =>
    crossValidate(
      { ...options(name), protocol: { folds: 3, nearDuplicates: false }, evaluation },
      { engine },
    );
  expect((await run("mixed")).summary?.unit).toBe("px");
  // The first fold alone would have been in mm.
  expect(await readFile(join(root, "mixed/report.md"), "utf8")).toContain(
    "- distances in pixels: 5 of 6 images tell the size of their pixels in mm",
  );
  expect(await readFile(join(root, "mixed/folds.csv"), "utf8")).toContain("foreground,hd95,px,");
  await expectRejection(
    run("refused", { unit: "mm" }),
    DataError,
    `${join(root, "data")}: all images must tell the size of their pixels for distances in mm, got 5 of 6`,
  );
  await rm(join(root, "data/images/scan_5.dcm"));
  await rm(join(root, "data/masks/scan_5.png"));
  const { summary } = await run("mm");
  expect(summary?.unit).toBe("mm");
  const scores: unknown = JSON.parse(await readFile(join(root, "mm/scores.json"), "utf8"));
  expect(scores).toMatchObject({ spacing: { images: 5, known: 5 }, summary: { unit: "mm" } });
  expect(await readFile(join(root, "mm/folds.csv"), "utf8")).toContain("foreground,hd95,mm,");

  const given = await run("given", { spacing: [20, 10] });
  expect(given.summary?.unit).toBe("mm");
  const half = await run("half", { spacing: [10, 5] });
  const [whole, halved] = [given, half].map(
    ({ summary: of }) => of!.metrics.find(({ name }) => name === "hd95")!.overImages.mean,
  );
  expect(halved).toBeCloseTo(whole! / 2, 9);
  const written: unknown = JSON.parse(await readFile(join(root, "given/scores.json"), "utf8"));
  expect(written).not.toHaveProperty("spacing");
  expect(written).toMatchObject({ evaluation: { spacing: [20, 10] } });
  await expectRejection(
    run("both", { spacing: [1, 1], unit: "mm" }),
    ArgumentError,
    'unit (--unit) must not be given with --spacing, got "mm"; leave one of them out',
  );
});

test("true masks in DICOM tell the spacing that masks are scored with", async () => {
  const [pred, truth] = [join(root, "pred"), join(root, "truth")];
  await mkdir(truth);
  const square = (top: number) =>
    Uint8Array.from({ length: size * size }, (_, i) => {
      const [x, y] = [i % size, Math.floor(i / size)];
      return y >= top && y < top + 20 && x >= 10 && x < 30 ? 1 : 0;
    });
  const put = async (name: string, spacing: Spacing): Promise<void> => {
    const shape = { width: size, height: size };
    await writeMaskPng(join(pred, `${name}.png`), { ...shape, data: square(10) });
    await writeFile(join(truth, `${name}.dcm`), dicomFile({ ...shape, data: square(14) }, spacing));
  };
  await put("a", [2, 0.5]);
  const hausdorffOf = async (more = {}) => {
    const result = await score({ pred, truth, ...more });
    const { metrics, unit } = result.summary;
    return [metrics.hausdorff.mean, unit, result.spacing];
  };
  expect(await hausdorffOf()).toEqual([8, "mm", { images: 1, known: 1 }]);
  expect(await hausdorffOf({ scoreSize: 32 })).toEqual([8, "mm", { images: 1, known: 1 }]);
  expect(await hausdorffOf({ unit: "px" })).toEqual([4, "px", { images: 1, known: 1 }]);
  expect(await hausdorffOf({ spacing: [5, 5] })).toEqual([20, "mm", undefined]);
  await put("b", undefined);
  expect(await hausdorffOf()).toEqual([4, "px", { images: 2, known: 1 }]);
});
