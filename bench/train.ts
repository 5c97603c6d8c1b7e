/** Training: whole steps as the fit loop does them, from the noise to the updated weights. */
import { clipGlobalNorm, globalNorm } from "../src/optim/clip.ts";
import { createEma } from "../src/optim/ema.ts";
import { createOptimizer } from "../src/optim/optimizer.ts";
import { presets } from "../src/run/presets.ts";
import { optimizerOptions } from "../src/run/recipe.ts";
import { createNetworkModel } from "../src/network/networkModel.ts";
import { trainBatch } from "../src/train/trainBatch.ts";
import {
  sessionOptions,
  type BenchOptions,
  type Benchmark,
  type Measurement,
} from "./benchmark.ts";
import { measure, secondsOf, timingOf } from "./measure.ts";
import {
  drawWeights,
  macsOf,
  phantomBatch,
  requireFinite,
  subject,
  titleOf,
  type Subject,
} from "./networks.ts";
import { recordRuns } from "./recordRuns.ts";

export const train: Benchmark = {
  name: "train",
  about: "how fast a network learns: forward, backward, optimizer",
  countsArithmetic: true,
  cases: ({ quick }) =>
    [
      quick ? subject("paper", 64, 2) : subject("paper", 256, 4),
      subject("compact", 128, presets.compact.training.batchSize),
    ].map((what) => ({ name: titleOf(what), run: (options) => run(what, options) })),
};

const WARM_UP = 2;

async function run(what: Subject, options: BenchOptions): Promise<Measurement> {
  const { network, size, batch, preset } = what;
  const { training } = presets[preset];
  const pictures = phantomBatch(batch, size);
  const { runtime, builds, runs } = recordRuns();
  const model = createNetworkModel(runtime, {
    network,
    size: [size, size],
    seed: 0,
    start: drawWeights(what),
    session: sessionOptions(options),
  });
  const optimizer = createOptimizer(optimizerOptions(training), model.parameters);
  const ema = training.ema > 0 ? createEma(model.parameters, training.ema) : null;
  const updates: number[] = [];
  const memory = {};
  let steps = 0;

  // What `fit` does in a step; the micro-batch is the batch.
  const step = async (): Promise<void> => {
    const place = `at step ${steps + 1}`;
    const { gradients } = await trainBatch(model, pictures, 0, memory, [0, 0, steps++], place);
    const update = await secondsOf(() => {
      const { clipNorm, learningRate } = training;
      const norm = clipNorm > 0 ? clipGlobalNorm(gradients, clipNorm) : globalNorm(gradients);
      requireFinite([norm], `gradient ${place}`);
      optimizer.step(gradients, learningRate);
      ema?.update();
    });
    updates.push(update);
  };
  const most = preset === "paper" ? 6 : 12;
  const timing = await measure(step, { repeats: options.quick ? 3 : most, warmUp: WARM_UP });
  await model.dispose();

  const macs = macsOf(what);
  const build = builds[0] ?? NaN;
  const beforeTheRun = (timing.warmUp[0] ?? NaN) - build - (runs[0] ?? NaN) - (updates[0] ?? NaN);
  return {
    rows: [
      {
        name: "whole step",
        timing,
        flop: 3 * 2 * macs * batch,
        images: batch,
        ...(preset === "paper" && size === 256 && { target: { share: 0.45 } }),
      },
      { name: "of it the session", timing: timingOf(runs, WARM_UP), flop: 3 * 2 * macs * batch },
      { name: "of it norm, optimizer, averaging", timing: timingOf(updates, WARM_UP) },
    ],
    facts: [
      { name: "multiply-accumulates an image, forward", value: macs / 1e9, unit: "GMAC" },
      { name: "tracing, differentiating and writing the graph", value: beforeTheRun, unit: "s" },
      { name: "session build", value: build, unit: "s" },
    ],
    notes: ["a step counts as three times the forward multiply-accumulates"],
  };
}
