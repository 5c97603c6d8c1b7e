/** The selective scan against other ways to compute it, and against plain loops over positions. */
import { backward } from "../src/autodiff/backward.ts";
import { InternalError, NumericError } from "../src/base/errors.ts";
import { Random } from "../src/base/random.ts";
import { graphOf } from "../src/graph/graph.ts";
import { toOnnx } from "../src/graph/toOnnx.ts";
import { input, type Value } from "../src/graph/value.ts";
import { mul } from "../src/ops/mul.ts";
import { selectiveScan } from "../src/ops/selectiveScan.ts";
import { sum } from "../src/ops/sum.ts";
import { nodeRuntime } from "../src/runtime/nodeRuntime.node.ts";
import type { Session, Tensors } from "../src/runtime/session.ts";
import { sizeOf } from "../src/tensor/shape.ts";
import { tensor, type Tensor } from "../src/tensor/tensor.ts";
import {
  sessionOptions,
  type BenchCase,
  type BenchOptions,
  type Benchmark,
  type Measurement,
  type Row,
} from "./benchmark.ts";
import { measure } from "./measure.ts";
import { probe } from "./probe.ts";
import { scanLoop, scanLoopBackward, type ScanArrays, type ScanSizes } from "./scanLoop.ts";
import { blocked, chunked, plainLoop, type Operands } from "./scanPeers.ts";

interface Way {
  readonly name: string;
  readonly scan: (operands: Operands) => Value;
}

const own: Way = {
  name: "selectiveScan: a loop inside the graph",
  scan: (o) => selectiveScan(...o),
};
const traced: Way = { name: "plain loop over positions, traced", scan: plainLoop };
const blocks = (sizes: readonly number[]): Way => ({
  name: `blocks of ${sizes.join(" x ")}`,
  scan: blocked(sizes),
});
const chunks: Way = { name: "products in chunks of 16", scan: chunked(16) };

/** What VM-UNet V2 asks of it: `compact` at 128 x 128, `public` at 256 x 256, the stages by their lengths. */
const cases: readonly { name: string; sizes: ScanSizes; ways: readonly Way[] }[] = [
  {
    // The only one that is short enough to trace position by position: graphs of more take minutes to build.
    name: "compact, stage 2, one image",
    sizes: { l: 256, g: 4, m: 1, n: 16, d: 128 },
    ways: [own, blocks([16, 16]), chunks, traced],
  },
  {
    name: "compact, stage 1, one image",
    sizes: { l: 1024, g: 4, m: 1, n: 16, d: 64 },
    ways: [own, blocks([16, 16, 4]), blocks([32, 32]), chunks],
  },
  {
    name: "compact, stage 1, eight images",
    sizes: { l: 1024, g: 4, m: 8, n: 16, d: 64 },
    ways: [own, blocks([16, 16, 4]), chunks],
  },
  {
    name: "public, stage 1, one image",
    sizes: { l: 4096, g: 4, m: 1, n: 16, d: 192 },
    ways: [own, blocks([16, 16, 16])],
  },
];

export const selectiveScanBench: Benchmark = {
  name: "selectiveScan",
  about: "the selective scan against its peers and against plain loops over positions",
  countsArithmetic: false,
  cases: ({ quick }) =>
    cases.slice(0, quick ? 1 : undefined).map(({ name, sizes, ways }): BenchCase => ({
      name,
      run: (options) => compare(sizes, ways, options),
    })),
};

/** Times each way forward, and forward with all five gradients; first makes sure that all compute the same. */
async function compare(
  sizes: ScanSizes,
  ways: readonly Way[],
  options: BenchOptions,
): Promise<Measurement> {
  const feeds = operandsOf(sizes);
  const rows: Row[] = [];
  const repeats = options.quick ? 3 : 12;
  const time = async (action: () => unknown) => measure(action, { repeats, seconds: 6 });

  // The loops of the definition over typed arrays, in JavaScript; what all others are compared with.
  const { delta, v, a, b, c, dy } = feeds;
  const arrays: ScanArrays = {
    ...{ delta: delta.data, v: v.data, a: a.data, b: b.data, c: c.data, dy: dy.data },
  };
  const made = scanLoop(sizes, arrays);
  const expected = { y: made.y, ...scanLoopBackward(sizes, arrays, made.states) };
  const js = {
    forward: await time(() => scanLoop(sizes, arrays)),
    both: await time(() => scanLoopBackward(sizes, arrays, scanLoop(sizes, arrays).states)),
  };

  for (const { name, scan } of ways) {
    const outputs = trace(feeds, scan);
    await checked(outputs, feeds, expected, name, options);
    const { y, ...gradients } = outputs;
    const probes = Object.fromEntries(
      Object.entries(gradients).map(([key, value]) => [key, probe(value)]),
    );
    const forward = await timed({ y: probe(y) }, feeds, options, time);
    const both = await timed({ y: probe(y), ...probes }, feeds, options, time);
    rows.push({ name: `${name}, forward`, timing: forward });
    rows.push({ name: `${name}, forward and backward`, timing: both });
  }
  rows.push({ name: "plain loop over positions, JavaScript, forward", timing: js.forward });
  rows.push({
    name: "plain loop over positions, JavaScript, forward and backward",
    timing: js.both,
  });
  const ratio = (i: number): number => rows[i]!.timing.minimum / rows[i % 2]!.timing.minimum;
  return {
    rows,
    facts: rows.slice(2).map(({ name }, i) => ({
      name: `times the loop inside the graph: ${name}`,
      value: ratio(i + 2),
      unit: "",
    })),
    notes: ["results and all gradients agree with the loops in JavaScript, which sum in float64"],
  };
}

/** Result and gradients by name. */
function trace(feeds: Tensors, scan: Way["scan"]): Record<string, Value> & { y: Value } {
  const names = ["delta", "v", "a", "b", "c"] as const;
  const values = names.map((name) => input(name, feeds[name]!.shape));
  const dy = input("dy", feeds.dy!.shape);
  const [delta, v, a, b, c] = values as [Value, Value, Value, Value, Value];
  const y = scan([delta, v, a, b, c]);
  const gradients = backward(sum(mul(y, dy)), values);
  const outputs: Record<string, Value> & { y: Value } = { y };
  for (const [i, name] of names.entries()) {
    const gradient = gradients[i];
    if (!gradient) throw new InternalError(`gradient of ${name} must exist, got none`);
    outputs[`d${name}`] = gradient;
  }
  return outputs;
}

const open = (outputs: Readonly<Record<string, Value>>, options: BenchOptions): Promise<Session> =>
  nodeRuntime.open(toOnnx(graphOf("scan", outputs)), sessionOptions(options));

async function timed<T>(
  outputs: Readonly<Record<string, Value>>,
  feeds: Tensors,
  options: BenchOptions,
  time: (action: () => unknown) => Promise<T>,
): Promise<T> {
  const session = await open(outputs, options);
  // Not every graph uses all of them.
  const used = outputs.da
    ? feeds
    : Object.fromEntries(Object.entries(feeds).filter(([k]) => k !== "dy"));
  const timing = await time(() => session.run(used));
  await session.close();
  return timing;
}

/** @throws {NumericError} if a result differs by more than 1e-4 of the largest expected entry. */
async function checked(
  outputs: Readonly<Record<string, Value>>,
  feeds: Tensors,
  expected: Readonly<Record<string, Float64Array>>,
  what: string,
  options: BenchOptions,
): Promise<void> {
  const session = await open(outputs, options);
  const results = await session.run(feeds);
  await session.close();
  for (const [name, values] of Object.entries(expected)) {
    const { data } = results[name]!;
    let [error, largest] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      largest = Math.max(largest, Math.abs(values[i]!));
      error = Math.max(error, Math.abs(Number(data[i]) - values[i]!));
    }
    if (!(error <= 1e-4 * largest)) {
      throw new NumericError(
        `${what}: ${name} must equal the loop's, got a difference of ${error} (largest entry ${largest})`,
      );
    }
  }
}

/** Steps as a trained network has them, log-uniform from 1e-3 to 0.1; rates 1 to 16. */
function operandsOf({ l, g, m, n, d }: ScanSizes): Record<keyof ScanArrays, Tensor<"float32">> {
  const random = Random.of("selectiveScan");
  const draw = (shape: readonly number[], f: (i: number) => number): Tensor<"float32"> =>
    tensor(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => f(i)),
    );
  const even = (): number => random.uniform(-1, 1);
  const step = (): number => Math.exp(random.uniform(Math.log(1e-3), Math.log(0.1)));
  return {
    delta: draw([l, g, m, d], step),
    v: draw([l, g, m, d], even),
    a: draw([g, n, d], (i) => -(1 + (Math.floor(i / d) % n))),
    b: draw([l, g, m, n], even),
    c: draw([l, g, m, n], even),
    dy: draw([l, g, m, d], even),
  };
}
