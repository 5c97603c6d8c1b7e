import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { errorOf } from "../../test/helpers/expectError.ts";
import { fakeEngine } from "../../test/helpers/fakeEngine.ts";
import { putImage, putMap, putMask, putPh2 } from "../../test/helpers/layoutTrees.ts";
import { readSplit } from "../data/splits/splitFile.node.ts";
import { nearDuplicateLines } from "../report/nearDuplicateLines.ts";
import { DataError } from "../base/errors.ts";
import { readCheckpoint } from "../run/checkpoint.node.ts";
import { crossValidate } from "./crossValidate.node.ts";
import { evaluate } from "./evaluate.node.ts";
import { readScores } from "./readScores.node.ts";
import { splitData } from "./splitData.node.ts";
import { train, type TrainHooks } from "./train.node.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-protocols-"));
  await putIsic2016("isic", [0, 1, 2, 3, 4, 5], [6, 7]);
  await putIsic2016("without", [0, 1, 2, 3, 4, 5], []);
  await putPh2(join(root, "ph2"));
  for (const name of ["isic", "without"]) await trained(name);
});
afterAll(() => rm(root, { recursive: true }));

async function putIsic2016(name: string, training: number[], testing: number[]): Promise<void> {
  for (const [part, numbers] of Object.entries({ Training: training, Test: testing })) {
    for (const n of numbers) {
      const [folder, id] = [`ISBI2016_ISIC_Part1_${part}`, `ISIC_000000${n}`];
      await putImage(join(root, name), `${folder}_Data/${id}.jpg`, `${n}`);
      await putMask(join(root, name), `${folder}_GroundTruth/${id}_Segmentation.png`, n);
    }
  }
}

const trained = (name: string, hooks: TrainHooks = {}) =>
  train(
    {
      out: join(root, "runs", name),
      data: { path: join(root, name), size: 64, validation: 0.34, workers: 0 },
      training: { epochs: 2, batchSize: 2, learningRate: 0.3 },
      overwrite: true,
    },
    { engine: fakeEngine(), ...hooks },
  );

test("training uses nothing of an official test part, which evaluation then takes", async () => {
  const split = await readSplit(join(root, "runs/isic/split.json"));
  expect([...split.train, ...split.validation].sort()).toEqual(
    [0, 1, 2, 3, 4, 5].map((n) => `ISIC_000000${n}`),
  );
  expect(split.test).toEqual(["ISIC_0000006", "ISIC_0000007"]);
  const weightsOf = async (name: string) =>
    (await readCheckpoint(join(root, "runs", name, "checkpoints/last.safetensors"))).tensors;
  expect(await weightsOf("isic")).toEqual(await weightsOf("without"));
  const { part, perImage, seen } = await evaluate(
    { checkpoint: join(root, "runs/isic") },
    { engine: fakeEngine() },
  );
  expect([part, perImage.map(({ name }) => name), seen.trained]).toEqual(["test", split.test, 0]);
});

test("a network trained on one set is tested on another, and the result names both", async () => {
  const result = await evaluate(
    {
      checkpoint: join(root, "runs/isic"),
      data: join(root, "ph2"),
      part: "all",
      out: join(root, "ph2-scores"),
    },
    { engine: fakeEngine() },
  );
  expect(result.trainedOn).toBe(join(root, "isic"));
  expect(result.data).toBe(join(root, "ph2"));
  expect(result.perImage.map(({ name }) => name)).toEqual(["IMD002", "IMD003", "IMD010"]);
  expect(result.seen.trained).toBe(0);
  const report = await readFile(join(root, "ph2-scores/report.html"), "utf8");
  expect(report).toContain(`trained on ${join(root, "isic")}`);
});

test("an evaluation says how many of its images were trained on", async () => {
  const { seen, perImage } = await evaluate(
    { checkpoint: join(root, "runs/isic"), part: "all" },
    { engine: fakeEngine() },
  );
  expect([seen.trained, perImage.length]).toEqual([4, 8]);
});

test("training names images that show the same in two parts, in its report as well", async () => {
  const split = await readSplit(join(root, "runs/isic/split.json"));
  // The same picture in training and test part.
  const copied = Number(split.train[0]!.at(-1));
  await putImage(join(root, "isic"), "ISBI2016_ISIC_Part1_Test_Data/ISIC_0000007.jpg", `${copied}`);
  const told: string[][] = [];
  await trained("isic", {
    onNearDuplicates: ({ pairs }) =>
      told.push(...pairs.map(({ images }) => images.map(({ name, part }) => `${name} ${part}`))),
  });
  expect(told).toContainEqual([`${split.train[0]!} training`, "ISIC_0000007 test"]);
  const report = await readFile(join(root, "runs/isic/report.html"), "utf8");
  expect(report).toContain(`${split.train[0]!} (training) and ISIC_0000007 (test): the same file`);
});

test("names that are in several parts train, resume, evaluate, split and cross-validate", async () => {
  const data = join(root, "numbered");
  // Different pictures under the same names.
  for (const [at, part] of ["train", "val", "test"].entries()) {
    for (const n of [1, 2, 3]) {
      await putImage(data, `${part}/images/00${n}.png`, `${part} ${n}`);
      await putMask(data, `${part}/masks/00${n}.png`, 3 * at + n);
    }
  }
  const [engine, out] = [fakeEngine(), join(root, "runs/numbered")];
  const controller = new AbortController();
  const options = {
    out,
    data: { path: data, size: 64, workers: 0 },
    training: { epochs: 2, batchSize: 2, learningRate: 0.3 },
  };
  const begun = await train(options, {
    engine,
    signal: controller.signal,
    onEpoch: () => {
      controller.abort();
    },
  });
  expect(begun.status).toBe("interrupted");
  const split = await readSplit(join(out, "split.json"));
  expect(split).toEqual({
    train: ["train/001", "train/002", "train/003"],
    validation: ["validation/001", "validation/002", "validation/003"],
    test: ["test/001", "test/002", "test/003"],
  });
  expect(await train({ out, resume: true }, { engine })).toMatchObject({
    status: "finished",
    epochs: 2,
  });
  const tested = await evaluate({ checkpoint: out }, { engine });
  expect([tested.part, tested.perImage.map(({ name }) => name)]).toEqual(["test", split.test]);
  const all = await evaluate({ checkpoint: out, part: "all", out: join(out, "all") }, { engine });
  expect([all.perImage.length, all.seen.trained]).toEqual([9, 3]);
  expect((await readScores(join(out, "all"))).images.size).toBe(9);

  const folder = join(root, "numbered-splits");
  await splitData({ path: data, out: folder, folds: 3, pool: "all", group: "^\\d+(\\d)" });
  expect((await readSplit(join(folder, "fold-1.json"))).groups?.["test/002"]).toBe("2");
  const { status, summary } = await crossValidate(
    { ...options, out: join(root, "runs/numbered-cv"), protocol: { splits: folder } },
    { engine },
  );
  expect([status, summary?.images]).toEqual(["finished", [3, 3, 3]]);
});

test("a damaged test image does not stop a training, and is named in its report", async () => {
  const name = "damaged-test";
  await putIsic2016(name, [0, 1, 2, 3, 4, 5], [6, 7]);
  const image = join(root, name, "ISBI2016_ISIC_Part1_Test_Data/ISIC_0000006.jpg");
  const bytes = await readFile(image);
  await writeFile(image, bytes.subarray(0, bytes.length >> 1));
  const told: string[] = [];
  const { status } = await trained(name, {
    onNearDuplicates: (found) => told.push(...nearDuplicateLines(found)),
  });
  expect(status).toBe("finished");
  const line = `not looked at for near-duplicates, as they cannot be read: ISIC_0000006 (test): ${image}: must be a whole image, got a truncated or damaged one`;
  expect(told.some((text) => text.startsWith(line))).toBe(true);
  const report = await readFile(join(root, "runs", name, "report.html"), "utf8");
  expect(report).toContain(line);
});

test("damaged files of the training and validation parts end a run before it begins, all of them named", async () => {
  const name = "damaged";
  await putIsic2016(name, [0, 1, 2, 3, 4, 5], []);
  const at = (path: string) => join(root, name, `ISBI2016_ISIC_Part1_Training_${path}`);
  const cut = async (path: string): Promise<void> => {
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length >> 1));
  };
  // One whose header is whole, and a mask of grey values.
  await cut(at("Data/ISIC_0000001.jpg"));
  const one = await errorOf(trained(name));
  expect(one.message).toMatch(/^\/.*Data\/ISIC_0000001\.jpg: must be a whole image, got/);
  await putMap(
    join(root, name),
    "ISBI2016_ISIC_Part1_Training_GroundTruth/ISIC_0000004_Segmentation.png",
    () => 7,
  );
  await cut(at("GroundTruth/ISIC_0000002_Segmentation.png"));
  const engine = fakeEngine();
  const error = await errorOf(trained(name, { engine }));
  expect(error).toBeInstanceOf(DataError);
  const [first, ...others] = error.message.split("\n");
  expect(first).toBe(
    `${join(root, name)}: all images and labels to train and validate with must be usable, got 3 of 6 that are not:`,
  );
  const files = others.slice(0, 3).map((line) => /(Data|GroundTruth)\/[^:]*/.exec(line)?.[0]);
  expect(files.sort()).toEqual([
    "Data/ISIC_0000001.jpg",
    "GroundTruth/ISIC_0000002_Segmentation.png",
    "GroundTruth/ISIC_0000004_Segmentation.png",
  ]);
  expect(others[3]).toBe("repair them, or take them out of the data set or the split");
  await expect(readFile(join(root, "runs", name, "config.json"))).rejects.toThrow("ENOENT");
});
