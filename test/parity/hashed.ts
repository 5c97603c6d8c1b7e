/** Golden runs of whole networks whose parameters come from an integer hash. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Value } from "../../src/graph/value.ts";
import type { Scope } from "../../src/nn/scope.ts";
import { readSafetensors } from "../../src/tensor/safetensors.node.ts";
import { sizeOf, type Shape } from "../../src/tensor/shape.ts";
import { tensor, type Tensor } from "../../src/tensor/tensor.ts";
import { goldenFiles, runModule } from "./goldens.ts";

/** [sum, norm, first, last, relative deviation of the norm in PyTorch's float32 run]; null where the loss reaches nothing. */
type GradientSummary = readonly [number, number, number, number, number?] | null;

export interface HashGolden {
  /** [name, shape, [add, mul] or null for what is left as constructed], in the order of the `state_dict`. */
  readonly recipe: readonly (readonly [string, Shape, readonly [number, number] | null])[];
  readonly grads_train: Readonly<Record<string, GradientSummary>>;
  /** How far PyTorch's float32 run is from its float64 run; absent if the file was made in float32 alone. */
  readonly f32_max_abs_dev_eval?: readonly number[];
  readonly f32_max_abs_dev_train?: readonly number[];
  readonly loss_train: number;
  readonly f32_dev_loss?: number;
}

const pathOf = (name: string, ending: string): string => {
  const found = goldenFiles(ending).find((file) => file.name === name);
  if (!found) throw new Error(`golden ${name}: must have a file ${name}${ending}, got none`);
  return found.path;
};

export const readHashGolden = (name: string): HashGolden =>
  JSON.parse(readFileSync(pathOf(name, ".json"), "utf8")) as HashGolden;

/** Value i of tensor t: add + mul u, u in -1/2..1/2. */
export function hashed(t: number, shape: Shape, add: number, mul: number): Tensor<"float32"> {
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    let x = (Math.imul(i, 0x9e3779b1) + Math.imul(t, 0x85ebca77) + 0x165667b1) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39) >>> 0;
    x = (x ^ (x >>> 15)) >>> 0;
    data[i] = add + mul * ((x >>> 8) / 2 ** 24 - 0.5);
  }
  return tensor(shape, data);
}

/** Stands for float32 deviations that a file does not record: those of the other networks are of this size. */
const WITHOUT_RECORD = { eval: 5e-7, train: 2e-5, loss: 1e-6, gradient: 1e-5 };

/** How a network is run here, and which of the published class's outputs are compared. */
export interface HashedCase {
  readonly name: string;
  /** Height and width of the image. */
  readonly side: number;
  /** All outputs that the published loss weighs, in its order; dropout 0. */
  readonly build: (p: Scope, x: Value) => readonly Value[];
  /** Tensors that the recipe leaves as constructed. */
  readonly constructed?: (name: string, shape: Shape) => Tensor;
}

/** Largest deviations found, for those who ask with SHOW_DEVIATIONS=1. */
function show(text: string): void {
  if (process.env.SHOW_DEVIATIONS !== undefined) process.stderr.write(`${text}\n`);
}

/**
 * Two tests: outputs with running statistics, and one training step (outputs, loss, gradients of all parameters). A training step
 * of a whole network is ill-conditioned, so PyTorch's own float32 deviations, which the files record, are the yardstick.
 */
export function testHashedNetwork({ name, side, build, constructed }: HashedCase): void {
  const golden = readHashGolden(name);
  const index = new Map(golden.recipe.map(([key], t) => [key, t]));
  const weightOf = (key: string, shape: Shape): Tensor => {
    const t = index.get(key);
    if (t === undefined) throw new Error(`${name}: the recipe must hold ${key}, got none`);
    const rule = golden.recipe[t]![2];
    if (rule) return hashed(t, shape, rule[0], rule[1]);
    if (!constructed) throw new Error(`${name}: ${key} must have a rule, got none`);
    return constructed(key, shape);
  };
  const outputs: Parameters<typeof runModule>[3] = (p, { 0: x }) => ({
    outputs: Object.fromEntries(build(p, x!).map((v, k) => [k, v])),
  });
  const compare = (
    kind: "eval" | "train",
    tensors: ReadonlyMap<string, Tensor>,
    results: Readonly<Record<string, Tensor>>,
  ): void => {
    let compared = 0;
    for (const k of [0, 1, 2, 3]) {
      const expected = tensors.get(`out_${kind}/${k}`);
      if (!expected) continue;
      const float32 = golden[`f32_max_abs_dev_${kind}`]?.[k] ?? WITHOUT_RECORD[kind];
      const actual = results[`out/${k}`]!;
      expect(actual.shape).toEqual(expected.shape);
      let [deviation, largest] = [0, 0];
      for (let i = 0; i < expected.data.length; i++) {
        const [a, b] = [Number(actual.data[i]), Number(expected.data[i])];
        largest = Math.max(largest, Math.abs(b));
        if (!(Math.abs(a - b) <= deviation)) deviation = Math.abs(a - b);
      }
      show(`${name} ${kind} output ${k}: ${deviation} of ${largest}, float32 ${float32}`);
      expect(deviation, `out_${kind}/${k}`).toBeLessThan(Math.max(20 * float32, 1e-5 * largest));
      compared++;
    }
    expect(compared).toBeGreaterThan(0);
  };

  test("outputs with running statistics", async () => {
    const { tensors } = await readSafetensors(pathOf(name, ".safetensors"));
    const x = hashed(1_000_000, [1, 3, side, side], 0, 4);
    const run = await runModule("evaluate", { 0: x }, null, outputs, weightOf);
    compare("eval", tensors, run.results);
  });

  test("one training step: outputs, loss and gradients", async () => {
    const { tensors } = await readSafetensors(pathOf(name, ".safetensors"));
    const x = hashed(1_000_000, [2, 3, side, side], 0, 4);
    const weights: Record<string, Tensor> = {};
    const build: Parameters<typeof runModule>[3] = (p, values) => {
      const built = outputs(p, values);
      for (const [k, { shape }] of Object.entries(built.outputs))
        weights[k] = hashed(2_000_000 + Number(k), shape, 0, 2);
      return built;
    };
    const run = await runModule("train", { 0: x }, weights, build, weightOf);
    compare("train", tensors, run.results);
    const loss = Math.abs(Number(run.results.loss!.data[0]) - golden.loss_train);
    const lossDeviation = golden.f32_dev_loss ?? WITHOUT_RECORD.loss * Math.abs(golden.loss_train);
    show(`${name} loss: ${loss} of ${golden.loss_train}, float32 ${lossDeviation}`);
    expect(loss).toBeLessThan(20 * lossDeviation);

    const summaries = Object.entries(golden.grads_train).filter(([key]) =>
      run.parameters.includes(key),
    );
    expect(summaries.length, "every parameter of ours is in the file").toBe(run.parameters.length);
    const largest = Math.max(...summaries.map(([, g]) => g?.[1] ?? 0));
    const norms: number[] = [];
    const float32Norms: number[] = [];
    const worst = { norm: 0, sum: 0, entry: 0 };
    for (const [key, summary] of summaries) {
      const gradient = run.results[`grad/param/${key}`];
      if (summary === null) {
        expect(gradient, `${key} is not reached`).toBeUndefined();
        continue;
      }
      const [sum, norm, first, last, float32 = WITHOUT_RECORD.gradient] = summary;
      const values = gradient!.data as Float32Array;
      // Gradients that are zero up to rounding (biases before a norm) are compared against the largest.
      const scale = Math.max(norm, 1e-6 * largest);
      let [squares, total] = [0, 0];
      for (const v of values) [squares, total] = [squares + v * v, total + v];
      const off = {
        norm: Math.abs(Math.sqrt(squares) - norm) / scale,
        sum: Math.abs(total - sum) / (scale * Math.sqrt(values.length)),
        entry: Math.max(Math.abs(values[0]! - first), Math.abs(values.at(-1)! - last)) / scale,
      };
      for (const what of ["norm", "sum", "entry"] as const)
        worst[what] = Math.max(worst[what], off[what]);
      if (norm >= 1e-6 * largest) {
        norms.push(off.norm);
        float32Norms.push(float32);
      }
      // A place where a ReLU's input is nearly 0 may count in one run and not in another: single entries feel that most.
      const noise = 20 * float32 * (norm / scale);
      expect(off.norm, `${key}: norm`).toBeLessThan(Math.max(4e-2, noise));
      expect(off.sum, `${key}: sum`).toBeLessThan(Math.max(8e-2, noise));
      expect(off.entry, `${key}: first and last entry`).toBeLessThan(Math.max(8e-2, noise));
    }
    show(`${name} gradients: largest deviations ${JSON.stringify(worst)}`);
    show(`${name} gradients: median ${median(norms)}, float32 ${median(float32Norms)}`);
    // One gradient may be unlucky; all of them together must be about as near as PyTorch's in float32. A single ReLU near 0 that counts in
    // one run only, late in the network, moves all gradients before it by some 1e-4: here (transposed U-Net) or there (LeeJunHyun's).
    expect(median(norms)).toBeLessThan(Math.max(4 * median(float32Norms), 5e-4));
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
