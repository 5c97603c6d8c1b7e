/** The dynamic convolution against other ways to compute it, and its share of the network's time. */
import { backward } from "../src/autodiff/backward.ts";
import { graphOf } from "../src/graph/graph.ts";
import { toOnnx } from "../src/graph/toOnnx.ts";
import { input, type Value } from "../src/graph/value.ts";
import { mul } from "../src/ops/mul.ts";
import { sum } from "../src/ops/sum.ts";
import { nodeRuntime } from "../src/runtime/nodeRuntime.node.ts";
import type { Tensors } from "../src/runtime/session.ts";
import { InternalError, NumericError } from "../src/base/errors.ts";
import { Random } from "../src/base/random.ts";
import { sizeOf, stridesOf } from "../src/tensor/shape.ts";
import { tensor, type Tensor } from "../src/tensor/tensor.ts";
import {
  sessionOptions,
  type BenchCase,
  type BenchOptions,
  type Benchmark,
  type Measurement,
  type Row,
} from "./benchmark.ts";
import { measure, type Timing } from "./measure.ts";
import { profileNetwork } from "./networkProfile.ts";
import { subject } from "./networks.ts";
import { bandedRows, shiftMultiplyAdd, tiled, type Peer } from "./peers.ts";
import { probe } from "./probe.ts";
import { breakdown, isDynamic, type Profile } from "./profile.ts";

const HEADS = 2;
const TAPS = 7 * 7;

/** Maps of the three levels of `paper` at 256 x 256. */
const levels = [
  { channels: 256, side: 64 },
  { channels: 512, side: 32 },
  { channels: 1024, side: 16 },
] as const;

export const dynamicConv: Benchmark = {
  name: "dynamicConv",
  about: "the dynamic convolution against its peers, and its share of the network",
  countsArithmetic: true,
  cases: ({ quick }) => [
    ...(quick ? [1] : [1, 2]).flatMap((batch) =>
      (quick ? levels.slice(1, 2) : levels).map(({ channels, side }): BenchCase => ({
        name: `${channels} channels at ${side} x ${side}, batch ${batch}`,
        run: (options) => compare(batch, channels, side, options),
      })),
    ),
    ...(quick ? [] : [{ name: "share of paper, 256 x 256", run: share }]),
  ],
};

/** Times each way forward, and forward with both gradients; first makes sure that all compute the same. */
async function compare(
  batch: number,
  channels: number,
  side: number,
  options: BenchOptions,
): Promise<Measurement> {
  const map = [batch, side, side, HEADS];
  const operands = {
    x: noise("x", [...map, channels / HEADS]),
    kernels: softmaxed(noise("kernels", [...map, TAPS])),
    dy: noise("dy", [...map, channels / HEADS]),
  };
  const flop = 2 * TAPS * batch * side * side * channels;
  const rows: Row[] = [];
  let expected: Tensors | null = null;
  for (const peer of [tiled, shiftMultiplyAdd, bandedRows]) {
    const feeds = Object.fromEntries(
      Object.entries(operands).map(([name, t]) => [name, permuted(t, peer.order)]),
    );
    const graphs = graphsOf(peer, feeds);
    const results = inCommonOrder(await runOnce(graphs.whole, feeds, options), peer);
    expected ??= results;
    requireSame(results, expected, peer.name);
    const forward = await time(graphs.forward, feeds, options);
    const both = await time(graphs.both, feeds, options);
    rows.push({ name: `${peer.name}, forward`, timing: forward, flop });
    rows.push({ name: `${peer.name}, forward and backward`, timing: both, flop: 3 * flop });
  }
  const best = (way: number): number =>
    Math.min(...[2, 4].map((peer) => rows[peer + way]!.timing.minimum)) / rows[way]!.timing.minimum;
  return {
    rows,
    facts: [
      { name: "times as fast as the best peer, forward", value: best(0), unit: "" },
      { name: "times as fast as the best peer, forward and backward", value: best(1), unit: "" },
    ],
    notes: [
      "operations are counted by the definition, 2 k k a channel and pixel, twice more for the gradients",
      "results and gradients of all three agree; peers get their operands in the layout that suits them",
    ],
  };
}

type Outputs = Readonly<Record<"y" | "dx" | "dk", Value>>;

/** The value alone, value and gradients, and the latter with all of their elements as outputs. */
function graphsOf(peer: Peer, feeds: Tensors) {
  const trace = (): Outputs => {
    const [x, kernels, dy] = ["x", "kernels", "dy"].map((name) => input(name, feeds[name]!.shape));
    const y = peer.forward(x!, kernels!);
    const [dx, dk] = backward(sum(mul(y, dy!)), [x!, kernels!]);
    if (!dx || !dk) throw new InternalError(`${peer.name}: gradients must exist, got none`);
    return { y, dx, dk };
  };
  const { y, dx, dk } = trace();
  return {
    forward: graphOf("forward", { y: probe(y) }),
    both: graphOf("both", { y: probe(y), dx: probe(dx), dk: probe(dk) }),
    whole: graphOf("whole", { y, dx, dk }),
  };
}

type GraphOf = ReturnType<typeof graphsOf>["both"];

async function runOnce(graph: GraphOf, feeds: Tensors, options: BenchOptions): Promise<Tensors> {
  const session = await nodeRuntime.open(toOnnx(graph), sessionOptions(options));
  const results = await session.run(feeds);
  await session.close();
  return results;
}

async function time(graph: GraphOf, feeds: Tensors, options: BenchOptions): Promise<Timing> {
  const session = await nodeRuntime.open(toOnnx(graph), sessionOptions(options));
  const repeats = options.quick ? 3 : 15;
  const timing = await measure(() => session.run(feeds), { repeats, seconds: 5 });
  await session.close();
  return timing;
}

/** The results of a peer with their axes in the order of the operands that all start from. */
function inCommonOrder(results: Tensors, { order }: Peer): Tensors {
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return Object.fromEntries(
    Object.entries(results).map(([name, t]) => [name, permuted(floatsOf(t), inverse)]),
  );
}

/** @throws {NumericError} if a result differs by more than 1e-4 of the largest expected entry. */
function requireSame(actual: Tensors, expected: Tensors, what: string): void {
  for (const [name, { data }] of Object.entries(expected)) {
    const values = floatsOf(actual[name]!).data;
    let largest = 0;
    let error = 0;
    for (let i = 0; i < data.length; i++) {
      largest = Math.max(largest, Math.abs(Number(data[i])));
      error = Math.max(error, Math.abs(Number(data[i]) - values[i]!));
    }
    if (!(error <= 1e-4 * largest)) {
      throw new NumericError(
        `${what}: ${name} must equal that of ${tiled.name}, got a difference of ${error} (largest entry ${largest})`,
      );
    }
  }
}

function floatsOf(t: Tensor): Tensor<"float32"> {
  if (!(t.data instanceof Float32Array)) {
    throw new InternalError(`results must be float32, got ${t.dtype}`);
  }
  return { dtype: "float32", shape: t.shape, data: t.data };
}

/** Axis j of the result is axis `order[j]` of `t`. */
function permuted(t: Tensor<"float32">, order: readonly number[]): Tensor<"float32"> {
  const shape = order.map((axis) => t.shape[axis]!);
  const strides = order.map((axis) => stridesOf(t.shape)[axis]!);
  const data = new Float32Array(t.data.length);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    data[to] = t.data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return tensor(shape, data);
}

function noise(name: string, shape: readonly number[]): Tensor<"float32"> {
  const random = Random.of("dynamicConv", name);
  return tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(-1, 1)),
  );
}

/** Each row of taps positive and with the sum 1, as the network's are. */
function softmaxed(logits: Tensor<"float32">): Tensor<"float32"> {
  const data = logits.data.map(Math.exp);
  for (let at = 0; at < data.length; at += TAPS) {
    const row = data.subarray(at, at + TAPS);
    const total = row.reduce((a, b) => a + b, 0);
    row.forEach((value, i) => (row[i] = value / total));
  }
  return tensor(logits.shape, data);
}

/** From the profiles of a prediction and of a training step. */
async function share(options: BenchOptions): Promise<Measurement> {
  const prediction = await profileNetwork(subject("paper", 256, 1), "prediction", 8, options);
  const training = await profileNetwork(subject("paper", 256, 4), "training", 3, options);
  const percent = ({ nodes, runs, runSeconds }: Profile): number =>
    (100 * nodes.reduce((s, n) => s + (isDynamic(n.path) ? n.seconds : 0), 0)) / runs / runSeconds;
  const dynamicOnly = (profile: Profile): Profile => ({
    ...profile,
    nodes: profile.nodes.filter(({ path }) => isDynamic(path)),
  });
  const table = (profile: Profile, title: string) => {
    const made = breakdown(dynamicOnly(profile), title, (n) => `${n.path} ${n.operator}`, 12);
    // The rest of the run is not this operator's.
    return { ...made, rows: made.rows.slice(0, -1) };
  };
  return {
    rows: [],
    facts: [
      { name: "share of a prediction", value: percent(prediction), unit: "%" },
      { name: "share of a training step of 4 images", value: percent(training), unit: "%" },
    ],
    tables: [
      table(prediction, "dynamic convolutions in a prediction"),
      table(training, "dynamic convolutions in a training step of 4 images"),
    ],
    notes: ["the kernels' softmax and the gates around the operator are not part of it"],
  };
}
