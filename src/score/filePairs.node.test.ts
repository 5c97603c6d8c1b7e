import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawnMask } from "../../test/helpers/drawnMask.ts";
import { expectError, expectRejection } from "../../test/helpers/expectError.ts";
import { writeMaskPng } from "../data/formats/writePng.node.ts";
import { DataError } from "../base/errors.ts";
import { filePairs } from "./filePairs.node.ts";
import { maskPairs, pairByName } from "./pairFiles.node.ts";
import { scorePairs, type ScoreHooks, type ScoreRules } from "./scorePairs.ts";

let folder: string;
let predictions: string;
let truths: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sgdc-score-"));
  predictions = join(folder, "predictions");
  truths = join(folder, "truths");
  await Promise.all([predictions, truths].map((path) => mkdir(path)));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const scoreFolders = async (p: string, t: string, rules?: ScoreRules, hooks?: ScoreHooks) =>
  scorePairs(filePairs(await maskPairs(p, t), { predictions: p, truths: t }), rules, hooks);

const one = drawnMask("....\n.#..\n....");
const two = drawnMask("....\n.##.\n....");

test("two folders are scored image by image and summed up", async () => {
  await writeMaskPng(join(predictions, "b_prediction.png"), one);
  await writeMaskPng(join(predictions, "A.png"), two);
  await writeMaskPng(join(truths, "B_Segmentation.png"), two);
  await writeMaskPng(join(truths, "a_mask.png"), two);
  await writeFile(join(truths, "notes.txt"), "not a mask");
  const progress: string[] = [];
  const { perImage, summary } = await scoreFolders(
    predictions,
    truths,
    { spacingMm: { y: 1, x: 3 } },
    { onProgress: (done, total) => progress.push(`${done}/${total}`) },
  );
  expect(perImage.map(({ name, scores }) => [name, scores.dice, scores.hausdorff])).toEqual([
    ["B", 2 / 3, 3],
    ["a", 1, 0],
  ]);
  expect(summary).toMatchObject({ images: 2, unit: "mm" });
  expect(summary.metrics.dice.mean).toBeCloseTo(5 / 6, 14);
  expect(progress).toEqual(["1/2", "2/2"]);
});

test("masks without a partner are named, on either side", () => {
  expectError(
    () => pairByName(["p/a.png", "p/b.png", "p/c.png"], ["t/b_mask.png"]),
    DataError,
    "p/a.png: a prediction must have a truth of the same name, got none among 1 (such as b_mask.png); " +
      "2 of 3 without a partner: a.png, c.png",
  );
  const many = Array.from({ length: 12 }, (_, i) => `t/${i}.png`);
  expectError(
    () => pairByName(["p/0.png"], many),
    DataError,
    "t/1.png: a truth must have a prediction of the same name, got none among 1 (such as 0.png); " +
      "11 of 12 without a partner: 1.png, 2.png, 3.png, 4.png, 5.png, 6.png, 7.png, 8.png, 9.png, " +
      "10.png and 1 more",
  );
});

test("two masks of one name are refused", () => {
  expectError(
    () => pairByName(["p/a.png", "p/a_pred.png"], ["t/a.png"]),
    DataError,
    "p/a_pred.png: names without extension and suffix must differ, got a.png beside it; " +
      "remove or rename one",
  );
});

test("masks of different size are refused by file", async () => {
  await writeMaskPng(join(predictions, "a.png"), drawnMask("##"));
  await writeMaskPng(join(truths, "a.png"), two);
  await expectRejection(
    scoreFolders(predictions, truths),
    DataError,
    `${join(predictions, "a.png")}: must have the size of its truth, 4 x 3 (width x height, ` +
      `${join(truths, "a.png")}), got 2 x 1; save it at native size`,
  );
});

test("an empty and a missing folder are refused", async () => {
  await writeMaskPng(join(truths, "a.png"), two);
  await expectRejection(
    scoreFolders(predictions, truths),
    DataError,
    `${predictions}: folder must hold images`,
  );
  await expectRejection(
    scoreFolders(join(folder, "nowhere"), truths),
    DataError,
    `${join(folder, "nowhere")}: must be `,
  );
});
