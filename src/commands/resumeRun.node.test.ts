import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { errorOf } from "../../test/helpers/expectError.ts";
import { fakeEngine, writeRectangles, type FakeEngine } from "../../test/helpers/fakeEngine.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { readSplit } from "../data/splits/splitFile.node.ts";
import { readCheckpoint, saveCheckpoint } from "../run/checkpoint.node.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import { lockFolder } from "../run/folderLock.node.ts";
import { openCheckpoint } from "../run/openCheckpoint.node.ts";
import { readRunConfig } from "../run/readRunConfig.node.ts";
import { runFolder } from "../run/runFolder.node.ts";
import { seenImages } from "../run/seenImages.node.ts";
import { tensor } from "../tensor/tensor.ts";
import { train, type TrainHooks, type TrainOptions } from "./train.node.ts";

/** A run that was interrupted in its second epoch, to be copied by every test. */
let template: string;
let root: string;
let data: string;
let run: string;
let engine: FakeEngine;

/** Interrupts after some steps. */
function stopAfter(steps: number): TrainHooks {
  const controller = new AbortController();
  let count = 0;
  return {
    signal: controller.signal,
    onStep() {
      if (++count === steps) controller.abort();
    },
  };
}

const options = (out: string, path: string): TrainOptions => ({
  out,
  data: { path, size: 64, validation: 0.25, workers: 0 },
  training: { epochs: 3, batchSize: 4, learningRate: 0.3 },
  runtime: { threads: 1 },
  nearDuplicates: false,
});

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), "sgdc-template-"));
  const path = join(template, "data");
  await writeRectangles(path, 12);
  await train(options(join(template, "run"), path), { engine: fakeEngine(), ...stopAfter(3) });
});
afterAll(() => rm(template, { recursive: true }));
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-resume-"));
  await cp(template, root, { recursive: true });
  [data, run] = [join(root, "data"), join(root, "run")];
  engine = fakeEngine();
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
  expect(engine.open).toBe(0);
});

const resume = (more: Partial<TrainOptions> = {}, hooks: TrainHooks = {}) =>
  train(
    { out: run, resume: true, data: { path: data }, nearDuplicates: false, ...more },
    { engine, ...hooks },
  );

const lastOf = (path: string): Promise<Checkpoint> => readCheckpoint(runFolder(path).last);

/** Lines that a resumed run tells. */
function listening(): { lines: string[]; hooks: TrainHooks } {
  const lines: string[] = [];
  return { lines, hooks: { onNotice: (line) => void lines.push(line) } };
}

describe("a resumed run", () => {
  it("has its data by name, size and content in its checkpoints, and no path", async () => {
    const { origin, config } = await lastOf(run);
    const { train: trained, validation, split, others } = origin!.data;
    expect([trained.length, validation.length, others]).toEqual([9, 3, []]);
    expect(trained.map(({ name }) => name)).toEqual(split.train);
    expect(new Set(trained.map(({ image }) => image)).size).toBe(9);
    expect(trained[0]!.image).toMatch(/^[0-9a-f]{64}$/);
    expect(origin!.program).toMatchObject({
      threads: 1,
      version: expect.stringMatching(/^\d/) as string,
    });
    expect(config.data.path).toBe("");
    const bytes = await readFile(runFolder(run).best, "latin1");
    expect(bytes).not.toContain(template);
  });

  it("restores a split that was removed instead of drawing it anew", async () => {
    const { split } = runFolder(run);
    const before = await readSplit(split);
    await rm(split);
    // Drawn by this seed and share, another image would now validate.
    await writeRectangles(join(root, "more"), 13);
    await cp(join(root, "more/images/img_12.png"), join(data, "images/img_12.png"));
    await cp(join(root, "more/masks/img_12.png"), join(data, "masks/img_12.png"));
    await resume({ acceptDataChanges: true }, stopAfter(1));
    expect(await readSplit(split)).toEqual(before);
  });

  it("names changed, removed and added images, and goes on with them only if told to", async () => {
    const { split } = (await lastOf(run)).origin!.data;
    const [first, second, third] = split.train as [string, string, string];
    await cp(join(data, "images", `${split.validation[0]!}.png`), join(data, "images/new.png"));
    await cp(join(data, "masks", `${split.validation[0]!}.png`), join(data, "masks/new.png"));
    for (const folder of ["images", "masks"]) {
      await rename(join(data, folder, `${first}.png`), join(root, `${folder}.png`));
    }
    // Another file of the same picture counts as changed: the bytes are what is compared.
    const image = join(data, "images", `${second}.png`);
    await writeFile(image, Buffer.concat([await readFile(image), Buffer.from("x")]));
    const mask = join(data, "masks", `${third}.png`);
    await writeFile(mask, Buffer.concat([await readFile(mask), Buffer.from("x")]));
    const error = await errorOf(resume());
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toBe(
      [
        `${run}: data must be those that the run has used, got others in ${data}:`,
        `  1 image changed: ${second}`,
        `  1 image with changed labels: ${third}`,
        `  1 image removed: ${first}`,
        "  1 image added: new",
        "put them back, or go on all the same with --accept-data-changes: added images are then left out, removed ones missed",
      ].join("\n"),
    );
    const { lines, hooks } = listening();
    const { status } = await resume({ acceptDataChanges: true }, hooks);
    expect(status).toBe("finished");
    expect(lines[0]).toContain(`going on with changed data:\n  1 image changed: ${second}`);
    const { data: now } = (await lastOf(run)).origin!;
    expect(now.split.train).toEqual(split.train.filter((name) => name !== first));
    // What the network has seen before is not forgotten.
    expect(now.former!.train.map(({ name }) => name).sort()).toEqual([first, second].sort());
  }, 120_000);

  it("says in one line that bits may differ with other threads or another version, and nothing else", async () => {
    const file = runFolder(run).last;
    const saved = await readCheckpoint(file);
    const program = { ...saved.origin!.program, version: "0.0.9" };
    await saveCheckpoint(file, { ...saved, origin: { ...saved.origin!, program } });
    const { lines, hooks } = listening();
    await resume({ runtime: { threads: 3 } }, { ...hooks, ...stopAfter(1) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^bits may differ from those of an uninterrupted run: sgdc 0\.0\.9, now \d\S+; threads 1, now 3$/,
    );
    const same = listening();
    await resume({ runtime: { threads: 3 } }, { ...same.hooks, ...stopAfter(1) });
    expect(same.lines).toEqual([]);
  });

  it("refuses a configuration or a split that was edited, naming what differs", async () => {
    const { config, split } = runFolder(run);
    const text = await readFile(config, "utf8");
    await writeFile(config, text.replace('"epochs": 3', '"epochs": 5'));
    const edited = await errorOf(resume());
    expect(edited).toBeInstanceOf(ArgumentError);
    expect(edited.message).toBe(
      `${config}: configuration must be that of the run's checkpoint, got an edited one:\n  training.epochs: 3, now 5\ntake the changes back, or start a new run with them: --config and another --out`,
    );
    await writeFile(config, text);
    const names = await readSplit(split);
    const moved = names.train[0]!;
    const other = { ...names, train: names.train.slice(1), test: [moved] };
    await writeFile(split, JSON.stringify(other));
    expect((await errorOf(resume())).message).toBe(
      `${split}: split must be that of the run's checkpoint, got another part train: more none; fewer ${moved}; delete the file to have it written anew, or start a new run with it: --split and another --out`,
    );
  });

  it("needs to be told where its data are if config.json is gone, and writes it anew", async () => {
    const { config } = runFolder(run);
    await rm(config);
    const error = await errorOf(train({ out: run, resume: true }, { engine }));
    expect(error.message).toMatch(
      /the folder of the data must be given to a run without config\.json, got none/,
    );
    await resume({}, stopAfter(1));
    expect((await readRunConfig(config)).data.path).toBe(data);
  });

  it("takes away what a killed process left half written, and nothing else", async () => {
    const left = [".config.json.tmp-1-2", ".log.jsonl.tmp-7-0", ".report.html.tmp-7-1"];
    for (const name of left) await writeFile(join(run, name), "");
    await writeFile(join(run, "checkpoints/.last.safetensors.tmp-9-9"), "");
    await writeFile(join(run, ".mine.tmp-1"), "");
    await resume({}, stopAfter(1));
    const names = [...(await readdir(run)), ...(await readdir(join(run, "checkpoints")))];
    expect(names.filter((name) => name.includes(".tmp-"))).toEqual([".mine.tmp-1"]);
  });
});

describe("a run folder in use", () => {
  it("is refused to resume and overwrite, and not touched", async () => {
    const before = await readFile(runFolder(run).last);
    const lock = await lockFolder(run);
    try {
      for (const more of [{}, { ...options(run, data), resume: false, overwrite: true }]) {
        const error = await errorOf(resume(more));
        expect(error).toBeInstanceOf(ArgumentError);
        expect(error.message).toMatch(
          /run: folder must be used by one process at a time, got process \d+ on/,
        );
      }
    } finally {
      await lock.release();
    }
    expect(await readFile(runFolder(run).last)).toEqual(before);
    expect((await readdir(run)).filter((name) => name.startsWith(".lock"))).toEqual([]);
  });

  it("that is removed is missed at the next checkpoint, and not made anew", async () => {
    let steps = 0;
    const onEpoch = async (): Promise<void> => {
      if (steps++ === 0) await rename(run, join(root, "away"));
    };
    const error = await errorOf(resume({}, { onEpoch }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(
      /run: folder must stay with the process that writes it, got a folder that was removed; nothing was written$/,
    );
    expect((await lastOf(join(root, "away"))).progress.epoch).toBe(2);
    expect((await readdir(root)).sort()).toEqual(["away", "data"]);
  });
});

describe("a checkpoint with numbers that are none", () => {
  it("is refused by name of tensor, to resume and to use", async () => {
    for (const [file, value] of [
      [runFolder(run).last, NaN],
      [runFolder(run).best, -Infinity],
    ] as const) {
      const saved = await readCheckpoint(file);
      const weight = tensor([1, 3], [0.5, value, 1]);
      const tensors = new Map([...saved.tensors, ["head.weight", weight]]);
      await saveCheckpoint(file, { ...saved, tensors });
    }
    const told = /tensors must hold finite numbers, got (NaN|-Infinity) in "head\.weight" at 1/;
    const error = await errorOf(resume());
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(told);
    expect((await errorOf(openCheckpoint(run))).message).toMatch(told);
  });
});

describe("the images that a network has seen", () => {
  it("are known by their content, under any name and in any folder", async () => {
    const { split } = (await lastOf(run)).origin!.data;
    const other = join(root, "other");
    await writeRectangles(other, 2, 99);
    const copies = [
      [split.train[0]!, "renamed"],
      [split.validation[0]!, "chosen"],
    ] as const;
    for (const [from, to] of copies) {
      for (const folder of ["images", "masks"]) {
        await cp(join(data, folder, `${from}.png`), join(other, folder, `${to}.png`));
      }
    }
    const { train: samples } = await openDataset(other, { labels: "auto" });
    const opened = await openCheckpoint(run);
    const seen = await seenImages(opened.origin!.data, samples);
    expect(Object.fromEntries(seen)).toEqual({
      renamed: { part: "train", name: split.train[0] },
      chosen: { part: "validation", name: split.validation[0] },
    });
  });
});

describe("a run of version 0.1", () => {
  const fixture = fileURLToPath(new URL("../run/fixtures/version01Run", import.meta.url));

  it("opens, and goes on to the weights of a run that was not interrupted", async () => {
    const old = join(root, "old");
    await cp(fixture, old, { recursive: true });
    const opened = await openCheckpoint(old);
    expect([opened.origin, opened.config.data.path]).toEqual([undefined, "/rectangles"]);
    const { lines, hooks } = listening();
    await resume({ out: old }, hooks);
    expect(lines).toEqual([
      "the checkpoint is of version 0.1, which does not tell its data: they are taken as they are; bits may differ from those of an uninterrupted run",
    ]);
    await train(options(join(root, "whole"), data), { engine });
    const [one, other] = [await lastOf(old), await lastOf(join(root, "whole"))];
    expect(one.progress.epoch).toBe(3);
    expect(one.origin!.data).toEqual(other.origin!.data);
    // Version 0.1 rounded otherwise where it resized images, as other processors do in exponentials.
    for (const [name, { data: values }] of other.tensors) {
      const got = one.tensors.get(name)!.data;
      values.forEach((value, i) => {
        expect(got[i]).toBeCloseTo(value, 3);
      });
    }
  });
});
