import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { npyFile } from "../../test/helpers/npyFile.ts";
import { writeLabelPng, writeMaskPng, writeImagePng } from "../data/formats/writePng.node.ts";
import { formatClassTable, formatInstanceTable } from "../report/scoreText.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { readScores } from "./readScores.node.ts";
import { score } from "./score.node.ts";

let folder: string;
let pred: string;
let truth: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-score-"));
  [pred, truth] = [join(folder, "pred"), join(folder, "truth")];
  await Promise.all([pred, truth].map((path) => mkdir(path)));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A digit a value, `.` is 0. */
const map = (picture: string, times = 1) => {
  const rows = picture.trim().split(/\s+/);
  const data = Int32Array.from(rows.join(""), (c) => (c === "." ? 0 : times * Number(c)));
  return { width: rows[0]!.length, height: rows.length, data };
};

const disk = (y0: number, x0: number, radius: number) =>
  Uint8Array.from({ length: 64 * 64 }, (_, i) =>
    Number((Math.floor(i / 64) - y0) ** 2 + ((i % 64) - x0) ** 2 <= radius ** 2),
  );

test("a disk against a smaller one with a speck: the known HD95 of both variants", async () => {
  const prediction = disk(34, 35, 12);
  for (const i of [2 * 64 + 2, 2 * 64 + 3, 3 * 64 + 2, 3 * 64 + 3]) prediction[i] = 1;
  await writeMaskPng(join(pred, "a.png"), { width: 64, height: 64, data: prediction });
  await writeMaskPng(join(truth, "a.png"), { width: 64, height: 64, data: disk(32, 32, 15) });
  const result = await score({ pred, truth });
  const { hd95, hd95Pooled, hausdorff } = result.summary.metrics;
  expect(hd95.mean.toFixed(2)).toBe("19.36");
  expect(hd95Pooled.mean.toFixed(4)).toBe("6.8715");
  expect(hausdorff.mean.toFixed(3)).toBe("27.586");
});

test("options reach the scores: spacing, policy, tolerance, size, resamples", async () => {
  await writeMaskPng(join(pred, "a.png"), drawnMask("#...\n...."));
  await writeMaskPng(join(pred, "b.png"), drawnMask("....\n...."));
  for (const name of ["a", "b"])
    await writeMaskPng(join(truth, `${name}.png`), drawnMask("##..\n...."));
  const options = { pred, truth, spacing: [3, 2], empty: "skip", nsdTolerance: 2 } as const;
  const result = await score({ ...options, spacing: [3, 2], resamples: 50, seed: 7 });
  expect(result.summary).toMatchObject({
    unit: "mm",
    emptyPolicy: "skip",
    excluded: 1,
    nsdTolerance: 2,
    bootstrap: { resamples: 50, seed: 7, confidence: 0.95 },
  });
  expect(result.perImage[0]!.scores).toMatchObject({ hausdorff: 2, nsd: 1 });
  // At 8 x 8 each pixel is 1/4 as high and 1/2 as wide, so that distances stay what they are.
  const larger = await score({ ...options, spacing: [3, 2], scoreSize: 8 });
  expect(larger.perImage[0]!.scores).toMatchObject({ width: 8, height: 8, hausdorff: 2 });
});

test("folders of 16-bit label maps are scored by instances", async () => {
  await writeLabelPng(join(truth, "a.png"), map("11.22\n11.22", 3000));
  await writeLabelPng(join(pred, "a_instances.png"), map("11...\n11..."));
  await writeLabelPng(join(truth, "b.png"), map("....."));
  await writeLabelPng(join(pred, "b.png"), map("....."));
  const csv = join(folder, "scores.csv");
  const result = await score({ pred, truth, instances: true, csv });
  const { summary, perImage } = result.instances!;
  expect(summary).toMatchObject({ images: 2, excluded: 1, emptyTruths: 1 });
  expect(perImage[0]!.scores).toMatchObject({ pq: 2 / 3, aji: 1 / 2, actual: 2 });
  expect((await readFile(csv, "utf8")).split("\r\n")).toEqual([
    "name,width,height,pq,dq,sq,aji,ajiPlus,truePositives,falsePositives,falseNegatives,predicted,actual",
    `a,5,2,${2 / 3},${2 / 3},1,0.5,0.5,1,0,1,1,2`,
    "b,5,1,,,,1,1,0,0,0,0,0",
    "",
  ]);
  const text = formatInstanceTable(summary);
  expect(text).toMatch(/^PQ +0\.6667 +n\/a +0\.6667/m);
  expect(text).toContain(
    "2 images: 1 without a true instance, 1 without a predicted one, 1 without both\n",
  );
  expect(text).toContain("PQ 0.6667, DQ 0.6667, SQ 1.0000; 1 TP, 0 FP, 1 FN");
});

test("arrays of instances and classes are scored class by class", async () => {
  const entry = (ids: number[], kinds: number[]) => ids.flatMap((id, i) => [id, kinds[i]!]);
  const truths = [...entry([1, 1, 0, 2], [1, 1, 0, 2]), ...entry([1, 0, 0, 0], [1, 0, 0, 0])];
  const predictions = [...entry([5, 5, 0, 6], [1, 1, 0, 1]), ...entry([1, 0, 0, 0], [1, 0, 0, 0])];
  const [p, t] = [join(folder, "p.npy"), join(folder, "t.npy")];
  await writeFile(p, npyFile("<i4", [2, 1, 4, 2], Int32Array.from(predictions)));
  await writeFile(t, npyFile("<i4", [2, 1, 4, 2], Int32Array.from(truths)));
  const result = await score({ pred: p, truth: t, instances: true, classes: 6, countSize: 4 });
  const { summary } = result.instances!;
  const [first, second] = summary.perClass;
  expect(first!.pooled).toMatchObject({ truePositives: 2, falsePositives: 1, falseNegatives: 0 });
  expect(second!.pooled).toMatchObject({ truePositives: 0, falseNegatives: 1, pq: 0 });
  expect(formatInstanceTable(summary, ["first", "second"])).toMatch(/mPQ\+ 0\.\d{4} \(first 0\.8/);
  await writeFile(p, npyFile("<i4", [1, 1, 4, 2], Int32Array.from(predictions.slice(0, 8))));
  await expectRejection(
    score({ pred: p, truth: t, instances: true, classes: 6 }),
    DataError,
    `${p}: must hold as many entries as ${t}, 2, got 1`,
  );
  await expectRejection(
    score({ pred: p, truth, instances: true }),
    DataError,
    `${p}: predictions and truths must both be arrays, or both folders of pictures, got one of each`,
  );
});

test("class maps are scored class by class", async () => {
  await writeLabelPng(join(truth, "a.png"), map("1122.\n....."));
  await writeLabelPng(join(pred, "a.png"), map("112..\n....."));
  const csv = join(folder, "scores.csv");
  const result = await score({ pred, truth, classes: 2, csv });
  const { summary } = result.classes!;
  expect(summary.mean.dice).toBeCloseTo((1 + 2 / 3) / 2, 14);
  const [head, row] = (await readFile(csv, "utf8")).split("\r\n");
  expect(head).toMatch(/^name,width,height,unit,dice,.*,dice:1,.*,dice:2,/);
  expect(row).toMatch(/^a,5,2,px,0\.83/);
  expect(formatClassTable(summary, ["lesion"])).toMatch(
    /^class .*\nlesion +1\.0000 [^]*\nclass 2 +0\.6667 [^]*\nmean of 2 classes present +0\.8333/,
  );
});

test("options that would change nothing are refused", async () => {
  await expectRejection(
    score({ pred, truth, instances: true, scoreSize: 64 }),
    ArgumentError,
    "scoreSize (--score-size) must not be given with --instances, got 64; leave it out",
  );
  await expectRejection(
    score({ pred, truth, countSize: 224 }),
    ArgumentError,
    "countSize (--count-size) must not be given without --instances, got 224; leave it out",
  );
  await expectRejection(
    score({ pred, truth, images: "photos" }),
    ArgumentError,
    'images (--images) must not be given without --out, got "photos"; leave it out',
  );
  await expectRejection(
    score({ pred, truth, instances: true, classes: 6 }),
    ArgumentError,
    "classes (--classes) must be 1 for instance maps in pictures, got 6; several classes come with " +
      "arrays (.npy) of instances and classes",
  );
});

test("label maps of other sizes are refused with the file's name", async () => {
  await writeLabelPng(join(truth, "a.png"), map("11"));
  await writeLabelPng(join(pred, "a.png"), map("1"));
  await expectRejection(
    score({ pred, truth, instances: true }),
    DataError,
    `${join(pred, "a.png")}: must have the size of its truth, 2 x 1 (width x height, ` +
      `${join(truth, "a.png")}), got 1 x 1; save it at native size`,
  );
});

const photo = (width: number, height: number) => ({
  width,
  height,
  data: new Uint8Array(3 * width * height).fill(200),
});

test("a folder of scores holds tables and a report with the cases drawn on their images", async () => {
  const [out, images] = [join(folder, "out"), join(folder, "photos")];
  await mkdir(images);
  for (const name of ["a", "b"]) {
    await writeMaskPng(join(truth, `${name}_mask.png`), drawnMask("##..\n##..\n...."));
    await writeMaskPng(
      join(pred, `${name}.png`),
      drawnMask(`${name === "a" ? "#" : "."}...\n.#..\n....`),
    );
    await writeImagePng(join(images, `${name.toUpperCase()}.png`), photo(4, 3));
  }
  const result = await score({ pred, truth, out, images });
  expect(result.files).toEqual(
    ["scores.json", "scores.csv", "report.html"].map((name) => join(out, name)),
  );
  expect((await readScores(out)).images.get("a")?.get("dice")).toBeCloseTo(2 / 3, 14);
  const html = await readFile(join(out, "report.html"), "utf8");
  // Contours, border error and the image of both, the worse one first.
  const captions = [...html.matchAll(/<img [^>]*alt="([^"]*)"/g)].map(([, text]) => text!);
  expect(captions.map((text) => text.replace(/(border error).*/, "$1"))).toEqual(
    ["b", "a"].flatMap((name) => [
      `${name}: contours of truth and prediction`,
      `${name}: border error`,
      `${name}: image`,
    ]),
  );
  // Without images the masks themselves are drawn on, and it says so.
  await score({ pred, truth, out });
  const plain = await readFile(join(out, "report.html"), "utf8");
  expect(plain).toContain("no images were given (--images)");
  expect(plain.match(/<img /g)).toHaveLength(4);
});

test("images of a report are found by name and must fit", async () => {
  const [out, images] = [join(folder, "out"), join(folder, "photos")];
  await mkdir(images);
  await writeMaskPng(join(truth, "a.png"), drawnMask("##\n.."));
  await writeMaskPng(join(pred, "a.png"), drawnMask("#.\n.."));
  await writeImagePng(join(images, "other.png"), photo(2, 2));
  await expectRejection(
    score({ pred, truth, out, images }),
    DataError,
    `${images}: must hold the image of every truth, got none for 1 of 1, such as a ` +
      `(${join(truth, "a.png")}); it holds 1 images`,
  );
  await writeImagePng(join(images, "a.png"), photo(3, 2));
  await expectRejection(
    score({ pred, truth, out, images }),
    DataError,
    `${join(truth, "a.png")}: must have the size of the image of a, 3 x 2 (width x height), got 2 x 2`,
  );
  await writeImagePng(join(images, "a.jpg"), photo(2, 2));
  await expectRejection(
    score({ pred, truth, out, images }),
    DataError,
    `${join(images, "a.png")}: names without extension must differ, got a.jpg beside it; remove or rename one`,
  );
});

test("instances and classes come with the scores of their foreground, and files of each", async () => {
  const out = join(folder, "out");
  await writeLabelPng(join(truth, "a.png"), map("11.22\n11.22"));
  await writeLabelPng(join(pred, "a.png"), map("11..2\n11..2"));
  const apart = await score({ pred, truth, instances: true, out, empty: "skip" });
  expect(apart.perImage[0]!.scores).toMatchObject({
    dice: 12 / 14,
    emptyPolicy: "skip",
  });
  expect(apart.files.map((file) => basename(file))).toEqual([
    "scores.json",
    "scores.csv",
    "instances.csv",
    "report.html",
  ]);
  const classes = await score({ pred, truth, classes: 2, out });
  expect(classes.summary.metrics.dice.mean).toBeCloseTo(12 / 14, 14);
  expect(classes.files.map((file) => basename(file))).toContain("classes.csv");
  expect(await readFile(join(out, "report.html"), "utf8")).toContain("predicted classes");
});

test("masks are no instance maps", async () => {
  for (const path of [pred, truth]) await writeMaskPng(join(path, "a.png"), drawnMask("#..\n..#"));
  await expectRejection(
    score({ pred, truth, instances: true }),
    DataError,
    `${truth}: instance maps must number their instances, got 0 and 255 alone in all of ${pred} and ` +
      `${truth}, which are masks; leave --instances out`,
  );
});

test("label maps that are scored as masks are answered with what to give", async () => {
  await writeMaskPng(join(truth, "a.png"), drawnMask("###\n###"));
  await writeLabelPng(join(pred, "a.png"), map("112\n112"));
  await expectRejection(
    score({ pred, truth }),
    DataError,
    `${join(pred, "a.png")}: mask must contain only 0 and 255, got 1 at row 0, column 0; ` +
      "sgdc data convert --binarize makes masks of soft edges; " +
      "give --instances for label maps, or --classes for maps of several classes",
  );
});

test("a folder that predict wrote is scored as it is", async () => {
  await writeLabelPng(join(truth, "a.png"), map("11.\n11."));
  for (const name of ["overlay", "probability", "probability_1", "edge", "guidance"])
    await writeImagePng(join(pred, `a_${name}.png`), photo(3, 2));
  await writeLabelPng(join(pred, "a_instances.png"), map("1..\n1.."));
  await writeMaskPng(join(pred, "a_mask.png"), drawnMask("##.\n#.."));
  const apart = await score({ pred, truth, instances: true });
  expect(apart.instances!.perImage.map(({ name }) => name)).toEqual(["a"]);
  expect(apart.perImage).toMatchObject([{ name: "a", scores: { dice: 4 / 6 } }]);
  const masks = await score({ pred, truth });
  expect(masks.perImage).toMatchObject([{ name: "a", scores: { dice: 6 / 7 } }]);
  // A file of that name without company is a prediction like any other.
  await expectRejection(
    score({ pred, truth, classes: 2 }),
    DataError,
    `${join(pred, "a_mask.png")}: names without extension and suffix must differ, got a_instances.png beside it`,
  );
});
