/** Prediction: one image at a time through the folded graph with constant weights. */
import { createPredictor } from "../src/network/createPredictor.ts";
import {
  sessionOptions,
  type BenchOptions,
  type Benchmark,
  type Measurement,
} from "./benchmark.ts";
import { measure } from "./measure.ts";
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

export const predict: Benchmark = {
  name: "predict",
  about: "how fast a trained network gives the probability map of one image",
  countsArithmetic: true,
  cases: () =>
    [subject("paper", 256, 1), subject("compact", 128, 1)].map((what) => ({
      name: titleOf(what),
      run: (options) => run(what, options),
    })),
};

async function run(what: Subject, options: BenchOptions): Promise<Measurement> {
  const { network, size, preset } = what;
  const weights = drawWeights(what);
  const { images } = phantomBatch(1, size);
  const { runtime, builds } = recordRuns();
  const began = performance.now();
  const predictor = await createPredictor(runtime, {
    network,
    weights,
    size,
    maps: false,
    session: sessionOptions(options),
  });
  const created = (performance.now() - began) / 1000;
  const timing = await measure(
    async () => {
      const { probabilities } = await predictor.predict(images, 1);
      requireFinite(probabilities, "probability map");
    },
    { repeats: options.quick ? 4 : 20 },
  );
  await predictor.dispose();
  const macs = macsOf(what);
  const build = builds[0] ?? NaN;
  return {
    rows: [
      {
        name: "prediction",
        timing,
        flop: 2 * macs,
        images: 1,
        ...(preset === "paper" && { target: { share: 0.6 } }),
      },
    ],
    facts: [
      { name: "multiply-accumulates an image", value: macs / 1e9, unit: "GMAC" },
      { name: "tracing and writing the graph", value: created - build, unit: "s" },
      { name: "session build", value: build, unit: "s" },
    ],
  };
}
