/**
 * Training steps of several ranks, and what of them is exchange: whole steps as the fit loop does them, on phantoms.
 *
 *     mpirun -n 2 npx tsx bench/ranks.ts compact [micro-batch, 4] [threads, 1] [steps, 8] [size]
 *
 * Every rank has one micro-batch. Without `mpirun` one process has them all: `ranks=2` before the command says how many.
 */
import { clipGlobalNorm, globalNorm } from "../src/optim/clip.ts";
import { createEma } from "../src/optim/ema.ts";
import { createOptimizer } from "../src/optim/optimizer.ts";
import { openRanks } from "../src/cluster/openRanks.node.ts";
import { createNetworkModel } from "../src/network/networkModel.ts";
import { optimizerOptions } from "../src/run/recipe.ts";
import { presets } from "../src/run/presets.ts";
import { nodeRuntime } from "../src/runtime/nodeRuntime.node.ts";
import { tell, type Ranks } from "../src/train/ranks.ts";
import { trainBatch } from "../src/train/trainBatch.ts";
import { drawWeights, phantomBatch, subject } from "./networks.ts";

const [name = "compact", ...numbers] = process.argv.slice(2);
const preset = name === "paper" ? "paper" : "compact";
const [micro = 4, threads = 1, steps = 8, size = preset === "paper" ? 256 : 128] =
  numbers.map(Number);
const mpi = await openRanks();
const parts = mpi.size > 1 ? mpi.size : Number(process.env["ranks"] ?? 1);
const batch = micro * parts;

const spent = { compute: 0, wait: 0, exchange: 0, update: 0 };
const timed = async <T>(what: keyof typeof spent, work: () => Promise<T>): Promise<T> => {
  const began = performance.now();
  const result = await work();
  spent[what] += (performance.now() - began) / 1000;
  return result;
};
const ranks: Ranks = {
  ...mpi,
  // The first call after the computation waits for the slowest rank.
  gather: (own) => timed("wait", () => mpi.gather(own)),
  exchange: (own) => timed("exchange", () => mpi.exchange(own)),
  complete: (values) => timed("exchange", () => mpi.complete(values)),
};

const what = subject(preset, size, micro);
const { network } = what;
const { training } = presets[preset];
const model = createNetworkModel(nodeRuntime, {
  ...{ network, size: [size, size], seed: 0, start: drawWeights(what) },
  session: { device: "cpu", threads },
});
const computing = {
  parameters: model.parameters,
  buffers: model.buffers,
  shapes: model.shapes,
  evaluate: model.evaluate.bind(model),
  dispose: () => model.dispose(),
  step: (...given: Parameters<typeof model.step>) => timed("compute", () => model.step(...given)),
};
const own = phantomBatch(mpi.size > 1 ? micro : batch, size);
const share = { ...own, ...(mpi.size > 1 && { whole: batch }) };
const optimizer = createOptimizer(optimizerOptions(training), model.parameters);
const ema = training.ema > 0 ? createEma(model.parameters, training.ema) : undefined;
const memory = {};

async function step(number: number): Promise<void> {
  const { gradients } = await trainBatch(
    ...([computing, share, micro, memory, [0, 0, number], "", ranks] as const),
  );
  await timed("update", () => {
    if (training.clipNorm > 0) clipGlobalNorm(gradients, training.clipNorm);
    else globalNorm(gradients);
    optimizer.step(gradients, training.learningRate);
    ema?.update();
    return Promise.resolve();
  });
}

const warmUp = 2;
for (let i = 0; i < warmUp; i++) await step(i);
Object.assign(spent, { compute: 0, wait: 0, exchange: 0, update: 0 });
await tell(mpi, null);
const began = performance.now();
for (let i = 0; i < steps; i++) await step(warmUp + i);
const seconds = (performance.now() - began) / 1000;
const all = await tell(mpi, spent);
if (mpi.rank === 0) {
  const each = (value: number): string => `${((1000 * value) / steps).toFixed(1)} ms`;
  const ofRank = all
    .map(
      (s) =>
        `compute ${each(s.compute)}, wait and small messages ${each(s.wait)}, exchange ${each(s.exchange)}, update ${each(s.update)}`,
    )
    .join("; ");
  const floats = [...model.parameters.values()].reduce((sum, { length }) => sum + length, 0);
  process.stdout.write(
    `${preset} ${size}, ${mpi.size} ranks of ${threads} threads, ${parts} micro-batches of ${micro}: ${((batch * steps) / seconds).toFixed(2)} images/s, step ${each(seconds)}, ${(floats / 1e6).toFixed(1)} M parameters; ${ofRank}; exchange ${((100 * all[0]!.exchange) / seconds).toFixed(1)} % of a step\n`,
  );
}
await model.dispose();
process.exit(0);
