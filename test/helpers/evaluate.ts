/** Computes values once: for tests that look at single results. */
import { backward } from "../../src/autodiff/backward.ts";
import { graphOf } from "../../src/graph/graph.ts";
import { toOnnx } from "../../src/graph/toOnnx.ts";
import { input, type Target, type Value } from "../../src/graph/value.ts";
import { sum } from "../../src/ops/sum.ts";
import { nodeRuntime } from "../../src/runtime/nodeRuntime.node.ts";
import type { Tensors } from "../../src/runtime/session.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

/** The tensors of `outputs`, on one thread; `portable` graphs run on the CPU as well. */
export async function evaluate(
  outputs: Readonly<Record<string, Value>>,
  feeds: Tensors = {},
  target: Target = "cpu",
): Promise<Tensors> {
  const model = toOnnx(graphOf("evaluate", outputs), { target });
  const session = await nodeRuntime.open(model, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

export const numbersOf = (tensor: Tensor): number[] => Array.from(tensor.data, Number);

/** `op` at `operands`, and the gradients of the sum of its result; `[]` where there is none. */
export async function runOp(
  op: (...operands: Value[]) => Value,
  operands: readonly Tensor[],
): Promise<{ y: number[]; gradients: number[][] }> {
  const values = operands.map((t, i) => input(`x${i}`, t.shape, t.dtype));
  const y = op(...values);
  const outputs: Record<string, Value> = { y };
  backward(sum(y), values).forEach((g, i) => {
    if (g) outputs[`g${i}`] = g;
  });
  const results = await evaluate(outputs, Object.fromEntries(operands.map((t, i) => [`x${i}`, t])));
  return {
    y: numbersOf(results.y!),
    gradients: operands.map((_, i) => {
      const g = results[`g${i}`];
      return g ? numbersOf(g) : [];
    }),
  };
}
