/** The optimizer: one Adam step over all weights of `paper`. */
import { sgdNetEntry } from "../src/models/sgdNet.ts";
import { createOptimizer } from "../src/optim/optimizer.ts";
import { sizeOf } from "../src/tensor/shape.ts";
import { networkParameters } from "../src/network/networkGraphs.ts";
import type { BenchOptions, Benchmark, Measurement } from "./benchmark.ts";
import { measure } from "./measure.ts";

export const adam: Benchmark = {
  name: "adam",
  about: "one Adam step over the weights of paper, against copying them",
  countsArithmetic: false,
  cases: () => [{ name: "paper", run }],
};

async function run({ quick }: BenchOptions): Promise<Measurement> {
  const sizes = networkParameters({ network: sgdNetEntry, options: {} }, [256, 256])
    .filter(({ trained }) => trained)
    .map(({ name, shape }) => [name, sizeOf(shape)] as const);
  const arrays = (value: number): Map<string, Float32Array> =>
    new Map(sizes.map(([name, size]) => [name, new Float32Array(size).fill(value)]));
  const count = sizes.reduce((sum, [, size]) => sum + size, 0);
  const [parameters, gradients] = [arrays(0.1), arrays(0.01)];
  const optimizer = createOptimizer({ name: "adam" }, parameters);
  const repeats = quick ? 3 : 10;
  const step = await measure(
    () => {
      optimizer.step(gradients, 1e-4);
    },
    { repeats },
  );
  const copy = await measure(
    () => {
      for (const [name, values] of parameters) gradients.get(name)!.set(values);
    },
    { repeats },
  );
  return {
    rows: [
      // Reads weight, gradient and both moments, writes all but the gradient.
      { name: "Adam step", timing: step, bytes: 7 * 4 * count },
      { name: "copy of as many numbers", timing: copy, bytes: 2 * 4 * count },
    ],
    facts: [{ name: "weights", value: count, unit: "" }],
    notes: ["the ceiling of an update is the memory: compare its GB/s with those of the copy"],
  };
}
