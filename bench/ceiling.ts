/** The matrix-product rate of ONNX Runtime: what every other rate is compared with. */
import { graphOf } from "../src/graph/graph.ts";
import { toOnnx } from "../src/graph/toOnnx.ts";
import { input } from "../src/graph/value.ts";
import { matmul } from "../src/ops/matmul.ts";
import { nodeRuntime } from "../src/runtime/nodeRuntime.node.ts";
import { Random } from "../src/base/random.ts";
import { tensor } from "../src/tensor/tensor.ts";
import { sessionOptions, type BenchOptions } from "./benchmark.ts";
import { measure } from "./measure.ts";
import { probe } from "./probe.ts";

/** Sides of the square matrices. */
const SIDES = [1024, 2048] as const;

/** GFLOP/s by side, best of the repeats. */
export type Rates = Readonly<Record<(typeof SIDES)[number], number>>;

/** Taken before and after a case, in its process and with its number of threads. */
export interface Ceiling {
  readonly before: Rates;
  readonly after: Rates;
  /** The largest of the four: what shares refer to. */
  readonly gflops: number;
}

/**
 * Measures now. The session is closed before anything else is timed: thread pools of open sessions spin against each other.
 */
export async function matmulRates(options: BenchOptions): Promise<Rates> {
  const rates = new Map<number, number>();
  for (const n of SIDES) {
    const graph = graphOf("ceiling", { y: probe(matmul(input("a", [n, n]), input("b", [n, n]))) });
    const session = await nodeRuntime.open(toOnnx(graph), sessionOptions(options));
    const random = new Random(n);
    const matrix = tensor(
      [n, n],
      Float32Array.from({ length: n * n }, () => random.uniform(-1, 1)),
    );
    const repeats = (options.quick ? 3 : 10) * (n === 1024 ? 2 : 1);
    const { minimum } = await measure(() => session.run({ a: matrix, b: matrix }), { repeats });
    await session.close();
    rates.set(n, (2 * n ** 3) / minimum / 1e9);
  }
  return { 1024: rates.get(1024)!, 2048: rates.get(2048)! };
}

/** Both measurements, and the larger. */
export const ceilingOf = (before: Rates, after: Rates): Ceiling => ({
  before,
  after,
  gflops: Math.max(...[before, after].flatMap((rates) => Object.values(rates))),
});
