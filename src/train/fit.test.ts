import { describe, expect, it } from "vitest";
import { errorOf } from "../../test/helpers/expectError.ts";
import { fakeModel, fakeSource } from "../../test/helpers/fakeModel.ts";
import { DataError, NumericError } from "../base/errors.ts";
import type { TrainingModel } from "../network/trainingModel.ts";
import type { Clock } from "./clock.ts";
import { fit, type FitArguments, type FitResult, type FitSettings } from "./fit.ts";
import type { EpochEvent, StepEvent } from "./progress.ts";
import { memoryStore, type MemoryStore, type Snapshot } from "./runStore.ts";
import { inferenceWeights } from "./trainingState.ts";

const size = 64;

const settingsOf = (more: Partial<FitSettings> = {}): FitSettings => ({
  epochs: 4,
  optimizer: { name: "adamW", weightDecay: 0.01 },
  learningRate: 0.2,
  schedule: { name: "polynomial", warmupEpochs: 1 },
  seed: 1,
  size,
  channels: 1,
  clipNorm: 1,
  ema: 0.9,
  ...more,
});

/** Runs the loop on fakes over a store in memory. */
const run = (
  settings: FitSettings,
  store: MemoryStore,
  more: Partial<FitArguments> = {},
): Promise<FitResult> =>
  fit({
    settings,
    model: fakeModel(size),
    training: fakeSource(size, 12, 4),
    validation: fakeSource(size, 4, 4),
    store,
    ...more,
  });

/** What must be equal, bit for bit: everything but times. */
function resultOf({ last, best, history }: MemoryStore): unknown {
  const untimed = ({ progress, tensors }: Snapshot): unknown => ({
    best: progress.best,
    at: [progress.epoch, progress.step, progress.sums, progress.lastLoss],
    history: progress.history.map((r) => ({ ...r, seconds: 0, imagesPerSecond: 0 })),
    tensors: [...tensors],
  });
  const log = history.map((r) => ({ ...r, seconds: 0, imagesPerSecond: 0 }));
  return { best: untimed(best!), last: untimed(last!), log };
}

/** A signal that is aborted after some steps. */
function stopAfter(steps: number): Pick<FitArguments, "signal" | "events"> {
  const controller = new AbortController();
  let count = 0;
  const onStep = (): void => {
    if (++count === steps) controller.abort();
  };
  return { signal: controller.signal, events: { onStep } };
}

describe("fit", () => {
  it("learns, and keeps history and states", async () => {
    const epochs: EpochEvent[] = [];
    const steps: StepEvent[] = [];
    const events = {
      onEpoch: (event: EpochEvent) => void epochs.push(event),
      onStep: (event: StepEvent) => void steps.push(event),
    };
    const store = memoryStore();
    const { status, progress } = await run(settingsOf({ learningRate: 1 }), store, { events });
    expect(status).toBe("finished");
    expect(progress.history).toHaveLength(4);
    // Seeds 1 to 5 give 0.38 to 0.51 of the first loss and a Dice of 0.902 to 0.907; all foreground has 0.67.
    expect(progress.history.at(-1)!.train["total"]).toBeLessThan(
      0.8 * progress.history[0]!.train["total"]!,
    );
    expect(progress.history.at(-1)!.validation!["dice"]).toBeGreaterThan(0.8);
    expect(epochs.map((e) => e.record.epoch)).toEqual([1, 2, 3, 4]);
    expect(steps).toHaveLength(12);
    expect(steps[4]).toMatchObject({ epoch: 2, epochs: 4, step: 2, steps: 3 });
    expect(steps[4]!.secondsLeft).toBeGreaterThan(0);
    expect(store.history).toEqual(progress.history);
  });

  it("keeps the averaged weights as the best, under plain names", async () => {
    const store = memoryStore();
    let epochs = 0;
    const choice = { metric: "count", measure: () => Promise.resolve(epochs++) };
    await run(settingsOf(), store, { choice });
    const { best, last } = store;
    expect([...best!.tensors.keys()]).toEqual(["head.weight", "head.bias", "norm.running_mean"]);
    const weight = inferenceWeights(last!.tensors).get("head.weight")!;
    expect(weight.shape).toEqual([1, 3]);
    expect(weight).toEqual(last!.tensors.get("ema.head.weight"));
    expect(weight).not.toEqual(last!.tensors.get("head.weight"));
    // The last epoch is the best here, so that both hold the same average.
    expect(last!.progress.best?.epoch).toBe(4);
    expect(best!.tensors.get("head.weight")).toEqual(weight);
  });

  it("gives the same bits twice", async () => {
    const [a, b] = [memoryStore(), memoryStore()];
    await run(settingsOf(), a);
    await run(settingsOf(), b);
    expect(resultOf(b)).toEqual(resultOf(a));
  });

  it("stops early when the score does not improve", async () => {
    const settings = settingsOf({ epochs: 30, patience: 2, learningRate: 1e-9 });
    const store = memoryStore();
    const { status, progress } = await run(settings, store, { choice: constant(0.5, "none") });
    expect(status).toBe("stopped early");
    expect(progress.epoch).toBe(progress.best!.epoch + 2);
    const again = await run(settings, store, { resume: store.last });
    expect(again.status).toBe("stopped early");
    expect(again.progress.epoch).toBe(progress.epoch);
  });

  it("takes the lowest training loss as the best where nothing validates", async () => {
    const { progress } = await run(settingsOf(), memoryStore(), { validation: undefined });
    expect(progress.history[0]).not.toHaveProperty("validation");
    expect(progress.best).toEqual({ epoch: 4, score: -progress.history[3]!.train["total"]! });
  });

  it("tells the time and pauses by the clock that it is given", async () => {
    let now = 100;
    let pauses = 0;
    const clock: Clock = {
      seconds: () => now,
      pause: () => {
        pauses++;
        now++;
        return Promise.resolve();
      },
    };
    const saved: number[] = [];
    const store = memoryStore();
    const saveLast: MemoryStore["saveLast"] = (state) => {
      saved.push(state.progress.epoch * 3 + state.progress.step);
      return store.saveLast(state);
    };
    const settings = settingsOf({ checkpointSeconds: 0.5 });
    const { progress } = await run(settings, store, { clock, store: { ...store, saveLast } });
    expect(pauses).toBe(12);
    expect(progress.history.map(({ seconds }) => seconds)).toEqual([2, 2, 2, 2]);
    // A second between steps: within an epoch a state is kept after two of the three.
    expect(saved).toEqual([2, 3, 5, 6, 8, 9, 11, 12]);
  });
});

/** A choice that says the same of every epoch, and a validation loss that falls or does not. */
function constant(value: number, metric = "same"): NonNullable<FitArguments["choice"]> {
  return { metric, measure: () => Promise.resolve(value) };
}

describe("the best epoch", () => {
  it("is, of those with one score, the one of the lowest loss", async () => {
    const { progress } = await run(settingsOf(), memoryStore(), { choice: constant(0) });
    const losses = progress.history.map(({ validation }) => validation!["loss"]!);
    expect(losses[3]).toBeLessThan(losses[0]!);
    expect(progress.best).toEqual({
      epoch: 1 + losses.indexOf(Math.min(...losses)),
      score: 0,
    });
  });

  it("stays the first of those that are alike in score and loss", async () => {
    const model = fakeModel(size);
    const evaluate: TrainingModel["evaluate"] = async (...given) => ({
      ...(await model.evaluate(...given)),
      terms: { total: 0.5 },
    });
    const more = { model: { ...model, evaluate }, choice: constant(0.25) };
    const { progress } = await run(settingsOf(), memoryStore(), more);
    expect(progress.best).toEqual({ epoch: 1, score: 0.25 });
  });

  it("is chosen by the score that is handed in, measured on the averaged weights, over the Dice", async () => {
    const scores = [0.1, 0.7, NaN, 0.3];
    const seen: Float32Array[] = [];
    const store = memoryStore();
    const choice: FitArguments["choice"] = {
      metric: "pq",
      measure(weights) {
        seen.push(weights.get("head.weight")!.data.slice());
        return Promise.resolve(scores[seen.length - 1]!);
      },
    };
    const { progress } = await run(settingsOf(), store, { choice });
    expect(progress.best).toEqual({ epoch: 2, score: 0.7 });
    expect(progress.history.map(({ validation }) => validation!["pq"])).toEqual(scores);
    expect(store.best!.progress.epoch).toBe(2);
    expect(store.best!.tensors.get("head.weight")!.data).toEqual(seen[1]);
    expect(seen[3]).toEqual(store.last!.tensors.get("ema.head.weight")!.data);
  });
});

describe("an interrupted fit", () => {
  const optimizers = [
    { name: "adam", weightDecay: 0.01 },
    { name: "adamW", weightDecay: 0.01 },
    { name: "momentumSgd", momentum: 0.9, weightDecay: 0.01 },
  ] as const;
  for (const optimizer of optimizers) {
    it(`goes on between epochs to the same bits: ${optimizer.name}`, async () => {
      const settings = settingsOf({ optimizer });
      const [whole, parts] = [memoryStore(), memoryStore()];
      await run(settings, whole);
      const { status, progress } = await run(settings, parts, stopAfter(6));
      expect(status).toBe("interrupted");
      expect([progress.epoch, progress.step]).toEqual([2, 0]);
      await run(settings, parts, { resume: parts.last });
      expect(resultOf(parts)).toEqual(resultOf(whole));
    });
  }

  it("goes on within an epoch to the same bits, as often as need be", async () => {
    const settings = settingsOf();
    const [whole, parts] = [memoryStore(), memoryStore()];
    await run(settings, whole);
    let { status } = await run(settings, parts, stopAfter(2));
    for (let i = 0; i < 20 && status === "interrupted"; i++) {
      ({ status } = await run(settings, parts, { resume: parts.last, ...stopAfter(2) }));
    }
    expect(status).toBe("finished");
    expect(resultOf(parts)).toEqual(resultOf(whole));
  });

  it("refuses a state of another network, naming the tensors, before keeping anything", async () => {
    const store = memoryStore();
    await run(settingsOf(), store, stopAfter(6));
    const other = fakeModel(size);
    const model: TrainingModel = {
      ...other,
      parameters: new Map([...other.parameters, ["head.scale", new Float32Array(2)]]),
      shapes: new Map([...other.shapes, ["head.weight", [3, 1]]]),
    };
    const before = resultOf(store);
    const error = await errorOf(run(settingsOf(), store, { resume: store.last, model }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toBe(
      [
        "checkpoint: tensors must be those of the network, got 2 that are not:",
        '  "head.weight" must be [3, 1], got [1, 3]',
        '  missing "head.scale" [2]',
      ].join("\n"),
    );
    expect(resultOf(store)).toEqual(before);
  });
});

describe("a fit that goes wrong", () => {
  /** A fake whose loss or gradient is spoilt at one step, counted from 1. */
  function spoilt(step: number, what: "loss" | "gradient"): TrainingModel {
    const model = fakeModel(size);
    let count = 0;
    return {
      ...model,
      async step(images, masks, n, seed) {
        const result = await model.step(images, masks, n, seed);
        if (++count !== step) return result;
        if (what === "loss") return { ...result, terms: { total: NaN } };
        result.gradients.get("head.weight")![1] = Infinity;
        return result;
      },
    };
  }

  it("names step, loss before, images and the kept checkpoint when the loss is NaN", async () => {
    const store = memoryStore();
    const error = await errorOf(run(settingsOf(), store, { model: spoilt(5, "loss") }));
    expect(error).toBeInstanceOf(NumericError);
    expect(error.message).toMatch(
      /^loss is NaN at step 5 \(0\.\d+ at step 4\); batch: img_\d+, img_\d+, img_\d+, img_\d+; the last good checkpoint is in memory$/,
    );
    const kept = store.last!;
    expect(kept.progress.epoch).toBe(1);
    expect(kept.tensors.get("head.weight")!.data.every(Number.isFinite)).toBe(true);
  });

  it("sees a gradient that is not finite before it reaches the weights", async () => {
    const model = spoilt(2, "gradient");
    const error = await errorOf(run(settingsOf(), memoryStore(), { model }));
    expect(error.message).toMatch(
      /^gradient is Infinity at step 2 \(0\.\d+ at step 1\); batch: img/,
    );
    expect(model.parameters.get("head.weight")!.every(Number.isFinite)).toBe(true);
  });

  it("sees weights that overflow before a checkpoint takes them", async () => {
    const model = fakeModel(size);
    let count = 0;
    const step: TrainingModel["step"] = async (...given) => {
      const result = await model.step(...given);
      if (++count === 5) result.gradients.get("head.bias")![0] = 3e38;
      return result;
    };
    const optimizer = { name: "momentumSgd", momentum: 0.9 } as const;
    const settings = settingsOf({ optimizer, learningRate: 10, clipNorm: 0, ema: 0 });
    const store = memoryStore();
    // Interrupted after step 5, in the second epoch, when a checkpoint would be written.
    const error = await errorOf(
      run(settings, store, { model: { ...model, step }, ...stopAfter(5) }),
    );
    expect(error.message).toMatch(
      /^weight head\.bias is -Infinity after step 5; lower the learning rate or clip gradients; the last good checkpoint is/,
    );
    expect(store.last!.progress).toMatchObject({ epoch: 1, step: 0 });
  });

  it("names the epoch when the validation loss is NaN, and keeps the checkpoints", async () => {
    const model = fakeModel(size);
    let count = 0;
    const evaluate: TrainingModel["evaluate"] = async (...given) => {
      const result = await model.evaluate(...given);
      return ++count === 2 ? { ...result, terms: { total: NaN } } : result;
    };
    const store = memoryStore();
    const error = await errorOf(run(settingsOf(), store, { model: { ...model, evaluate } }));
    expect(error.message).toMatch(
      /^loss is NaN in validation after epoch 2; batch: img_.*last good/,
    );
    expect(store.last!.progress.epoch).toBe(1);
  });
});
