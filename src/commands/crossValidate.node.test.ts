import { copyFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expectRejection } from "../../test/helpers/expectError.ts";
import { fakeEngine, writeRectangles, type FakeEngine } from "../../test/helpers/fakeEngine.ts";
import { readSplit } from "../data/splits/splitFile.node.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { readCheckpoint } from "../run/checkpoint.node.ts";
import { lockFolder } from "../run/folderLock.node.ts";
import {
  crossValidate,
  type CrossValidateHooks,
  type CrossValidateOptions,
  type FoldEvent,
} from "./crossValidate.node.ts";
import { evaluate } from "./evaluate.node.ts";
import { readScores } from "./readScores.node.ts";

let data: string;
let names: string[];
let root: string;
let engine: FakeEngine;
/** A cross-validation in one go: what it told, its folder, and its outcome. */
const wholeEvents: FoldEvent[] = [];
let wholeRoot: string;
let whole: unknown[];
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "sgdc-cv-data-"));
  names = (await writeRectangles(data, 13)).sort();
  root = await mkdtemp(join(tmpdir(), "sgdc-cv-"));
  engine = fakeEngine();
  const { status } = await run("whole", {}, { onFold: (event) => wholeEvents.push(event) });
  expect(status).toBe("finished");
  whole = await outcomeOf("whole");
  wholeRoot = root;
  return async () => {
    for (const folder of [data, wholeRoot]) await rm(folder, { recursive: true });
  };
}, 120_000);
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-cv-"));
  engine = fakeEngine();
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
  expect(engine.open).toBe(0);
});

type Changes = Omit<Partial<CrossValidateOptions>, "out">;

/** Where nothing depends on how long it trains. */
const training = { epochs: 1 };

const optionsOf = (
  name: string,
  { training: other, data: more, protocol, ...rest }: Changes = {},
): CrossValidateOptions => ({
  out: join(root, name),
  data: { path: data, size: 64, validation: 0.25, workers: 0, ...more },
  training: { epochs: 2, batchSize: 3, learningRate: 0.3, ...other },
  protocol: { folds: 3, ...protocol },
  ...rest,
});
const run = (name: string, changes: Changes = {}, hooks: CrossValidateHooks = {}) =>
  crossValidate(optionsOf(name, changes), { engine, ...hooks });
const resume = (name: string, hooks: CrossValidateHooks = {}) =>
  crossValidate({ out: join(root, name), resume: true }, { engine, ...hooks });

/** Aborts at a moment that the test chooses; a new controller for every go. */
function stopping(): { hooks: CrossValidateHooks; stop: () => void; folds: FoldEvent[] } {
  const controller = new AbortController();
  const folds: FoldEvent[] = [];
  const onFold = (event: FoldEvent) => void folds.push(event);
  const stop = (): void => {
    controller.abort();
  };
  return { hooks: { signal: controller.signal, onFold }, stop, folds };
}

const results = ["scores.json", "scores.csv", "folds.csv", "report.md", "report.html"];
/** What must not depend on interruptions: the results, and the weights of every fold. */
async function outcomeOf(name: string): Promise<unknown[]> {
  const texts = await Promise.all(
    results.map(async (file) => readFile(join(root, name, file), "utf8")),
  );
  const folds = (await readdir(join(root, name))).filter((file) => file.startsWith("fold-"));
  const weights = await Promise.all(
    folds.map(async (fold) => {
      const file = join(root, name, fold, "checkpoints/best.safetensors");
      return (await readCheckpoint(file)).tensors;
    }),
  );
  return [texts, folds, weights];
}

interface Scores {
  perImage: { name: string; fold: number; scores: { dice: number; hd95: number } }[];
  folds: {
    images: number[];
    metrics: {
      table: string;
      name: string;
      folds: number[];
      overFolds: { mean: number; std: number };
      overImages: { mean: number; std: number; count: number };
    }[];
  };
}
const scoresOf = async (name: string, from = root) =>
  JSON.parse(await readFile(join(from, name, "scores.json"), "utf8")) as Scores;

describe("cross-validation", () => {
  it("tests every image once and sums up over folds and over images", async () => {
    expect(wholeEvents.map(({ fold, state }) => [fold, state])).toEqual([
      [1, "starting"],
      [2, "starting"],
      [3, "starting"],
    ]);
    const { perImage, folds } = await scoresOf("whole", wholeRoot);
    expect(perImage.map(({ name }) => name)).toEqual(names);
    expect(folds.images).toEqual([5, 4, 4]);
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    for (const metric of ["dice", "hd95"] as const) {
      const found = folds.metrics.find(
        ({ table, name }) => table === "foreground" && name === metric,
      )!;
      const byFold = [1, 2, 3].map((fold) =>
        mean(perImage.filter((row) => row.fold === fold).map(({ scores }) => scores[metric])),
      );
      for (const [i, value] of byFold.entries()) expect(found.folds[i]).toBeCloseTo(value, 12);
      expect(found.overFolds.mean).toBeCloseTo(mean(byFold), 12);
      const spread = Math.sqrt(mean(byFold.map((v) => (v - mean(byFold)) ** 2)) * (3 / 2));
      expect(found.overFolds.std).toBeCloseTo(spread, 12);
      const all = perImage.map(({ scores }) => scores[metric]);
      expect(found.overImages.mean).toBeCloseTo(mean(all), 12);
      expect(found.overImages.count).toBe(13);
    }
    // What it writes can be compared with other runs.
    expect((await readScores(join(wholeRoot, "whole"))).images.size).toBe(13);
    expect(await readFile(join(wholeRoot, "whole/report.md"), "utf8")).toContain("| Dice |");
    const csv = (await readFile(join(wholeRoot, "whole/scores.csv"), "utf8")).split("\r\n");
    expect(csv[0]).toMatch(/^fold,name,width,height,unit,dice,/);
    expect(csv).toHaveLength(15);
    expect(csv[1]).toMatch(/^1,img_0,/);
  });

  it("keeps every split as a file of names, and the test names out of training", async () => {
    await run("a", { training, protocol: { shuffle: true } });
    const tested: string[] = [];
    for (const fold of [1, 2, 3]) {
      const split = await readSplit(join(root, `a/splits/fold-${fold}.json`));
      expect(await readSplit(join(root, `a/fold-${fold}/split.json`))).toEqual(split);
      expect([...split.train, ...split.validation, ...split.test].sort()).toEqual(names);
      expect(split.protocol).toMatchObject({ fold, folds: 3, shuffled: true, seed: 0 });
      tested.push(...split.test);
    }
    expect(tested.sort()).toEqual(names);
    // A fold is an ordinary run.
    const { part, perImage } = await evaluate({ checkpoint: join(root, "a/fold-2") }, { engine });
    expect([part, perImage.length]).toEqual(["test", 4]);
    // Given back, the files make the same cross-validation.
    await run("b", { training, protocol: { splits: join(root, "a/splits") } });
    expect((await scoresOf("b")).perImage).toEqual((await scoresOf("a")).perImage);
  });

  it("goes on to the same bits after being interrupted in the middle of fold 2", async () => {
    const first = stopping();
    let steps = 0;
    // Two steps an epoch, two epochs a fold: the seventh is inside the second epoch of fold 2.
    const onStep = () => {
      if (++steps === 7) first.stop();
    };
    const parts = await run("parts", {}, { ...first.hooks, onStep });
    expect([parts.status, parts.done]).toEqual(["interrupted", [1]]);
    expect(first.folds.map(({ fold }) => fold)).toEqual([1, 2]);

    const second = stopping();
    let more = 0;
    const resumed = await resume("parts", { ...second.hooks, onStep: () => (more += 1) });
    expect(resumed.status).toBe("finished");
    expect(second.folds.map(({ fold, state }) => [fold, state])).toEqual([
      [1, "done before"],
      [2, "resuming"],
      [3, "starting"],
    ]);
    expect(steps + more).toBe(12);
    expect(await outcomeOf("parts")).toEqual(whole);
  });

  it("goes on to the same bits after being interrupted while it tests a fold, or between files", async () => {
    const first = stopping();
    const parts = await run("parts", {}, { ...first.hooks, onProgress: first.stop });
    expect([parts.status, parts.done]).toEqual(["interrupted", []]);
    // Then as if a process had been killed when fold 2 had only just got its folder.
    const second = stopping();
    let current = 0;
    const hooks: CrossValidateHooks = {
      ...second.hooks,
      onFold: ({ fold }) => (current = fold),
      onStep() {
        if (current === 2) second.stop();
      },
    };
    expect((await resume("parts", hooks)).status).toBe("interrupted");
    await rm(join(root, "parts/fold-2/config.json"));
    await rm(join(root, "parts/fold-2/checkpoints/last.safetensors"), { force: true });
    expect((await resume("parts")).status).toBe("finished");
    expect(await outcomeOf("parts")).toEqual(whole);
  });

  it("is one process's, or one fold of it is", async () => {
    await run("cv", { training, onlyFold: 1 });
    const lock = await lockFolder(join(root, "cv"), "fold 2");
    try {
      for (const changes of [
        { resume: true },
        { overwrite: true },
        { resume: true, onlyFold: 2 },
      ]) {
        const text = `${join(root, "cv")}: folder must be used by one process at a time, got process`;
        await expectRejection(run("cv", changes), ArgumentError, text);
      }
      const { done } = await run("cv", { training, resume: true, onlyFold: 3 });
      expect(done).toEqual([1, 3]);
    } finally {
      await lock.release();
    }
    // A fold that somebody trains on its own is not deleted with the others.
    const fold = await lockFolder(join(root, "cv/fold-3"));
    try {
      const text = `${join(root, "cv/fold-3")}: folder must be used by one process at a time`;
      await expectRejection(run("cv", { overwrite: true }), ArgumentError, text);
    } finally {
      await fold.release();
    }
  });

  it("does one fold alone on demand, and the others later", async () => {
    const one = await run("parts", { onlyFold: 2 });
    expect([one.status, one.done, one.summary]).toEqual(["incomplete", [2], undefined]);
    expect((await resume("parts")).done).toEqual([1, 2, 3]);
    expect(await outcomeOf("parts")).toEqual(whole);
    await expectRejection(
      crossValidate({ out: join(root, "parts"), resume: true, onlyFold: 4 }, { engine }),
      ArgumentError,
      "onlyFold (--only-fold) must be a whole number from 1 to 3, got 4",
    );
  });

  it("refuses to go on with other options, and goes on with data that have moved", async () => {
    await run("a", { onlyFold: 1 });
    const out = join(root, "a");
    const other = crossValidate(
      { out, resume: true, protocol: { folds: 4 }, evaluation: { tta: true } },
      { engine },
    );
    await expectRejection(
      other,
      ArgumentError,
      `${out}: a cross-validation must be resumed with its own options, got others:\n  protocol.folds: 3, now 4\n  evaluation.tta: false, now true\nleave these options out, or start a new one in another folder`,
    );
    await expectRejection(
      crossValidate({ out, resume: true, training: { epochs: 9 } }, { engine }),
      ArgumentError,
      `${out}: a run must be resumed with its own configuration, got another:\n  training.epochs: 2, now 9`,
    );
    const moved = join(root, "moved");
    await writeRectangles(moved, 13);
    await rename(out, join(root, "b"));
    const result = await crossValidate(
      { out: join(root, "b"), resume: true, data: { path: moved }, protocol: { folds: 3 } },
      { engine },
    );
    expect(result.status).toBe("finished");
  });

  it("keeps groups whole, in the folds and in validation", async () => {
    const table = join(root, "groups.csv");
    const groups = names.map((name, i) => `${name},patient ${i % 5}`);
    await writeFile(table, ["name,patient", ...groups].join("\n"));
    const { folder } = await run("a", { training, protocol: { group: table }, onlyFold: 1 });
    for (const fold of [1, 2, 3]) {
      // `readSplit` refuses a split that cuts a group.
      const split = await readSplit(join(folder.path, `splits/fold-${fold}.json`));
      expect(Object.keys(split.groups!).sort()).toEqual(names);
      expect(split.protocol!.groupedBy).toBe(`table ${table}`);
    }
  });

  it("names images that show the same in two folds", async () => {
    const copied = join(root, "copied");
    await writeRectangles(copied, 13);
    await copyFile(join(copied, "images/img_0.png"), join(copied, "images/img_9.png"));
    await copyFile(join(copied, "masks/img_0.png"), join(copied, "masks/img_9.png"));
    const told: string[][] = [];
    const result = await run(
      "a",
      { training, data: { path: copied } },
      {
        onNearDuplicates: ({ pairs }) =>
          told.push(
            ...pairs.map(({ images }) => images.map(({ name, part }) => `${name} ${part}`)),
          ),
      },
    );
    expect(told).toContainEqual(["img_0 fold 1", "img_9 fold 3"]);
    expect(result.nearDuplicates!.pairs.some(({ kind }) => kind === "identical")).toBe(true);
    const report = await readFile(join(root, "a/report.html"), "utf8");
    expect(report).toContain("img_0 (fold 1) and img_9 (fold 3): the same file");
  });

  it("leaves the official test part alone", async () => {
    const official = join(root, "official");
    for (const [part, count] of [
      ["train", 8],
      ["test", 3],
    ] as const) {
      await writeRectangles(join(official, part), count, part.length);
    }
    await run("a", { training, data: { path: official, validation: 0 }, protocol: { folds: 2 } });
    const { perImage } = await scoresOf("a");
    expect(perImage).toHaveLength(8);
    // Their names repeat those of the training part, of which these scores are.
    const alone = join(root, "alone");
    await writeRectangles(alone, 8, "train".length);
    await run("b", { training, data: { path: alone, validation: 0 }, protocol: { folds: 2 } });
    // With a test part of the same names, they carry their part.
    const { perImage: ofAlone } = await scoresOf("b");
    expect(ofAlone.map((row) => ({ ...row, name: `train/${row.name}` }))).toEqual(perImage);
  });

  it("refuses a folder in use, options that exclude each other, and files that are not its own", async () => {
    await run("a", { training, onlyFold: 1 });
    const out = join(root, "a");
    await expectRejection(
      run("a"),
      ArgumentError,
      `${out}: output folder must not hold a cross-validation yet, got one; choose another folder, go on with --resume, or replace it with --overwrite`,
    );
    await expectRejection(
      run("a", { resume: true, overwrite: true }),
      ArgumentError,
      "cross-validate: resume and overwrite exclude each other, got both",
    );
    await expectRejection(
      resume("none"),
      ArgumentError,
      `${join(root, "none")}: folder to resume must hold a cross-validation, got no cross-validation.json`,
    );
    await expectRejection(
      run("b", { data: { split: "x.json" } }),
      ArgumentError,
      "data.split (--split) must be left out of a cross-validation, got ",
    );
    await expectRejection(
      run("b", { protocol: { splits: root } }),
      DataError,
      `${root}: folder of splits must hold fold-1.json, fold-2.json and so on, got 0; sgdc data split makes them`,
    );
    await expectRejection(
      run("b", { protocol: { folds: 14 } }),
      DataError,
      "folds: 14 folds must have at least one of the samples each, got 13 samples; lower --folds",
    );
    const result = join(out, "fold-1/result.json");
    await writeFile(result, "{}");
    await expectRejection(
      resume("a"),
      DataError,
      `${result}: must be a file of this version's cross-validate, got a fault at version: `,
    );
    await writeFile(result, "");
    await expectRejection(
      resume("a"),
      DataError,
      `${result}: must be a file of cross-validate, got `,
    );
    // What it did not write stays.
    await writeFile(join(out, "notes.txt"), "mine");
    expect((await run("a", { training, overwrite: true, onlyFold: 2 })).done).toEqual([2]);
    expect((await readdir(out)).sort()).toEqual([
      "cross-validation.json",
      "fold-2",
      "near-duplicates.json",
      "notes.txt",
      "splits",
    ]);
  });
});
