/** Prediction: one image at a time through the folded graph with constant weights. */
import { quantiseModel } from "../src/export/quantiseModel.ts";
import { toOnnx } from "../src/graph/toOnnx.ts";
import { createPredictor } from "../src/network/createPredictor.ts";
import { predictionGraph } from "../src/network/networkGraphs.ts";
import { nodeRuntime } from "../src/runtime/nodeRuntime.node.ts";
import { tensor, type NamedTensors } from "../src/tensor/tensor.ts";
import {
  sessionOptions,
  type BenchOptions,
  type Benchmark,
  type Measurement,
} from "./benchmark.ts";
import { measure, type Timing } from "./measure.ts";
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
  const whole = await wholeNumbers(what, weights, images, options);
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
      { name: "prediction, int8", timing: whole, flop: 2 * macs, images: 1 },
    ],
    facts: [
      { name: "multiply-accumulates an image", value: macs / 1e9, unit: "GMAC" },
      { name: "tracing and writing the graph", value: created - build, unit: "s" },
      { name: "session build", value: build, unit: "s" },
      { name: "int8: times as fast", value: timing.minimum / whole.minimum, unit: "" },
    ],
  };
}

/** The same with every convolution in whole numbers: the most that int8 can gain, whatever it does to the map. */
async function wholeNumbers(
  { network, size }: Subject,
  weights: NamedTensors,
  images: Float32Array,
  options: BenchOptions,
): Promise<Timing> {
  const shape = { network, batch: 1, height: size, width: size };
  const model = toOnnx(predictionGraph(shape, weights));
  const image = tensor([1, 3, size, size], images);
  const made = await quantiseModel(model, [image], nodeRuntime, { tolerance: Infinity });
  const session = await nodeRuntime.open(made.model, sessionOptions(options));
  const timing = await measure(() => session.run({ image }), { repeats: options.quick ? 4 : 20 });
  await session.close();
  return timing;
}
