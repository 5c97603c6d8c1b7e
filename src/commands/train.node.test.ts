import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import sharp from "sharp";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { errorOf } from "../../test/helpers/expectError.ts";
import { fakeEngine, writeRectangles, type FakeEngine } from "../../test/helpers/fakeEngine.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { encodeSafetensors } from "../tensor/safetensors.ts";
import { readCheckpoint } from "../run/checkpoint.node.ts";
import { readRunConfig } from "../run/readRunConfig.node.ts";
import { train, type TrainHooks, type TrainOptions } from "./train.node.ts";

let data: string;
let root: string;
let engine: FakeEngine;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "sgdc-data-"));
  await writeRectangles(data, 12);
  return () => rm(data, { recursive: true });
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sgdc-train-"));
  engine = fakeEngine();
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
  expect(engine.open).toBe(0);
});

type Changes = Omit<Partial<TrainOptions>, "out">;

const optionsOf = (
  name: string,
  { training, data: more, ...rest }: Changes = {},
): TrainOptions => ({
  out: join(root, name),
  data: { path: data, size: 64, validation: 0.25, workers: 0, ...more },
  training: { epochs: 3, batchSize: 4, learningRate: 0.3, ...training },
  ...rest,
});

const run = (name: string, changes: Changes = {}, hooks: TrainHooks = {}) =>
  train(optionsOf(name, changes), { engine, ...hooks });

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

const weightsOf = async (name: string) => {
  const { tensors, progress } = await readCheckpoint(
    join(root, name, "checkpoints/last.safetensors"),
  );
  return { tensors, scores: progress.history.map(({ validation }) => validation) };
};

describe("train", () => {
  it("ends at once, and leaves nothing, if it is interrupted while the images are checked", async () => {
    const controller = new AbortController();
    const onPhase = (): void => {
      controller.abort();
    };
    const hooks = { signal: controller.signal, onPhase };
    expect((await errorOf(run("a", {}, hooks))).name).toBe("AbortError");
    expect(await readdir(root)).toEqual([]);
  });

  it("fills a run folder", async () => {
    const phases: string[] = [];
    const result = await run("a", {}, { onPhase: (what) => phases.push(what) });
    expect(result.status).toBe("finished");
    expect(result.best!.score).toBeGreaterThan(0);
    expect((await readdir(join(root, "a"))).sort()).toEqual([
      "checkpoints",
      "config.json",
      "curves.png",
      "curves.svg",
      "log.jsonl",
      "report.html",
      "split.json",
    ]);
    const config = await readRunConfig(join(root, "a/config.json"));
    expect(config).toEqual(result.config);
    const split = JSON.parse(await readFile(join(root, "a/split.json"), "utf8")) as {
      train: string[];
      validation: string[];
    };
    expect([split.train.length, split.validation.length]).toEqual([9, 3]);
    const log = await readFile(join(root, "a/log.jsonl"), "utf8");
    expect(log.trim().split("\n")).toHaveLength(3);
    const report = await readFile(join(root, "a/report.html"), "utf8");
    for (const name of split.validation) expect(report).toContain(name);
    expect(phases).toEqual(["building the network", "checking 12 images", "evaluating 3 images"]);
  });

  it("resumes to the same bits, also without options and from a moved data set", async () => {
    await run("whole");
    const moved = join(root, "moved");
    await cp(data, moved, { recursive: true });
    const { status } = await run("parts", { data: { path: moved } }, stopAfter(3));
    expect(status).toBe("interrupted");
    await rename(moved, join(root, "elsewhere"));
    const resumed = await train(
      { out: join(root, "parts"), resume: true, data: { path: join(root, "elsewhere") } },
      { engine },
    );
    expect(resumed.status).toBe("finished");
    expect(await weightsOf("parts")).toEqual(await weightsOf("whole"));
  });

  it("needs the files that a run started from only until its first checkpoint", async () => {
    const asked: (string | undefined)[] = [];
    const asking: FakeEngine = {
      ...engine,
      openTrainingModel(setup) {
        asked.push(setup.weights, setup.encoderWeights);
        return engine.openTrainingModel(setup);
      },
    };
    const training = {
      weights: join(root, "all.safetensors"),
      encoderWeights: relative(".", join(root, "encoder.safetensors")),
    };
    for (const file of Object.values(training)) {
      await writeFile(file, encodeSafetensors({ tensors: new Map() }));
    }
    await run("parts", { training }, { engine: asking, ...stopAfter(3) });
    for (const file of Object.values(training)) await rm(file);
    await train({ out: join(root, "parts"), resume: true }, { engine: asking });
    // Resolved, so that a run can be resumed from any folder.
    const given = [join(root, "all.safetensors"), join(root, "encoder.safetensors")];
    expect(asked).toEqual([...given, undefined, undefined]);
    const config = await readRunConfig(join(root, "parts/config.json"));
    expect([config.training.weights, config.training.encoderWeights]).toEqual(given);
  });

  it("misses a file of weights before it looks at any image", async () => {
    const dark = join(root, "dark");
    await writeRectangles(dark, 4);
    // Nearly black in 16 bits: refused as soon as it is looked at.
    const black = { width: 60, height: 50, channels: 3, background: "#000" } as const;
    for (const name of await readdir(join(dark, "images"))) {
      const file = join(dark, "images", name);
      await sharp({ create: black }).toColourspace("rgb16").png().toFile(file);
    }
    const changes = { data: { path: dark } };
    expect((await errorOf(run("a", changes))).message).toMatch(/images of 16 bits must use/);
    for (const option of ["weights", "encoderWeights"] as const) {
      const training = { [option]: join(root, "nope") };
      const error = await errorOf(run("a", { ...changes, training }));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toBe(
        `${join(root, "nope")}: must be a readable safetensors file, got no such file`,
      );
    }
  });

  it("resumes a run that has no checkpoint yet from its beginning", async () => {
    await run("whole");
    await run("parts", {}, stopAfter(3));
    await rm(join(root, "parts/checkpoints"), { recursive: true });
    await train({ out: join(root, "parts"), resume: true }, { engine });
    expect(await weightsOf("parts")).toEqual(await weightsOf("whole"));
  });

  it("refuses to resume with another configuration, naming what differs", async () => {
    await run("a", {}, stopAfter(3));
    const changed = optionsOf("a", { training: { epochs: 5, learningRate: 0.1 }, resume: true });
    const error = await errorOf(train(changed, { engine }));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toBe(
      [
        `${join(root, "a")}: a run must be resumed with its own configuration, got another:`,
        "  training.epochs: 3, now 5",
        "  training.learningRate: 0.3, now 0.1",
        "leave these options out, or start a new run in another folder",
      ].join("\n"),
    );
    // What cannot change the result may differ.
    const runtime = { threads: 1, checkpointMinutes: 1 };
    const { status } = await train({ out: join(root, "a"), resume: true, runtime }, { engine });
    expect(status).toBe("finished");
  });

  it("refuses to resume where there is no run", async () => {
    const error = await errorOf(train({ out: join(root, "none"), resume: true }, { engine }));
    expect(error.message).toMatch(
      /none: folder to resume must hold a run, got no checkpoints\/last\.safetensors and no config\.json$/,
    );
  });

  it("refuses a folder that holds a run, and touches nothing in it", async () => {
    await run("a");
    const before = await weightsOf("a");
    const error = await errorOf(run("a"));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(
      /a: output folder must not hold a run yet, got config\.json, split/,
    );
    expect(await weightsOf("a")).toEqual(before);
    const { epochs } = await run("a", { overwrite: true, training: { epochs: 1 } });
    expect(epochs).toBe(1);
  });

  it("does not delete a run for one that cannot begin", async () => {
    await run("a");
    const before = await weightsOf("a");
    await errorOf(run("a", { overwrite: true, data: { path: join(root, "nowhere") } }));
    await errorOf(run("a", { overwrite: true, training: { epochs: 0 } }));
    expect(await weightsOf("a")).toEqual(before);
  });

  it("takes the split of a file", async () => {
    const file = join(root, "split.json");
    const split = { train: ["img_3", "img_1", "img_2"], validation: ["img_0"], test: ["img_5"] };
    await writeFile(file, JSON.stringify(split));
    await run("a", { data: { split: file } });
    expect(JSON.parse(await readFile(join(root, "a/split.json"), "utf8"))).toEqual(split);
  });

  it("makes one smaller batch of fewer images than a batch", async () => {
    const steps: number[] = [];
    const onStep: TrainHooks["onStep"] = ({ steps: of }) => void steps.push(of);
    await run("a", { training: { batchSize: 64, microBatch: 4, epochs: 2 } }, { onStep });
    expect(steps).toEqual([1, 1]);
  });

  it("refuses too few images, several classes, and both resume and overwrite", async () => {
    const lonely = join(root, "lonely");
    await writeRectangles(lonely, 1);
    const one = await errorOf(run("a", { data: { path: lonely, validation: 0 } }));
    expect(one).toBeInstanceOf(DataError);
    expect(one.message).toBe(`${lonely}: training must have at least 2 images, got 1`);
    const classes = await errorOf(run("a", { data: { classes: 3 } }));
    expect(classes.message).toBe(
      "data.classes (--classes) must be 1, or 1 as in the data set (foreground), got 3",
    );
    const both = await errorOf(run("a", { resume: true, overwrite: true }));
    expect(both.message).toBe("train: resume and overwrite exclude each other, got both");
  });

  it("finds a mask that does not fit before anything is made", async () => {
    const bad = join(root, "bad");
    await writeRectangles(bad, 6);
    await cp(join(bad, "masks/img_4.png"), join(bad, "masks/img_5.png"));
    const error = await errorOf(run("a", { data: { path: bad } }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/img_5\.png: mask must have the size of its image/);
    expect(await readdir(root)).toEqual(["bad"]);
  });
});
