/** Operators against PyTorch: the fixture is made by scripts/fixtures/ops.py. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { backward } from "../src/autodiff/backward.ts";
import { constant, input, type Value } from "../src/graph/value.ts";
import { avgPool2d, type AvgPoolOptions } from "../src/ops/avgPool2d.ts";
import { batchMoments, batchNorm2d } from "../src/ops/batchNorm2d.ts";
import { conv2d, type Conv2dOptions } from "../src/ops/conv2d.ts";
import { gelu } from "../src/ops/gelu.ts";
import { layerNorm } from "../src/ops/layerNorm.ts";
import { linear } from "../src/ops/linear.ts";
import { maxPool2d } from "../src/ops/maxPool2d.ts";
import { mul } from "../src/ops/mul.ts";
import { resizeBilinear } from "../src/ops/resizeBilinear.ts";
import { softmax } from "../src/ops/softmax.ts";
import { sum } from "../src/ops/sum.ts";
import { tensor } from "../src/tensor/tensor.ts";
import { expectClose } from "./helpers/checkOp.ts";
import { evaluate, numbersOf } from "./helpers/evaluate.ts";

interface Packed {
  shape: number[];
  data: number[];
}

interface Case {
  op: string;
  options: AvgPoolOptions & Conv2dOptions & { size: [number, number]; eps: number };
  inputs: Packed[];
  dy: Packed;
  y: Packed;
  gradients: Packed[];
}

const { cases } = JSON.parse(
  readFileSync(new URL("./fixtures/ops.json", import.meta.url), "utf8"),
) as { cases: Case[] };

function applied({ op, options }: Case, [x, a, b]: [Value, Value, Value]): Value {
  if (op === "resizeBilinear") return resizeBilinear(x, options.size);
  if (op === "avgPool2d") return avgPool2d(x, options);
  if (op === "maxPool2d") return maxPool2d(x, options);
  if (op === "conv2d") return conv2d(x, a, null, options);
  if (op === "gelu") return gelu(x);
  if (op === "linear") return linear(x, a, b);
  if (op === "softmax") return softmax(x);
  if (op === "layerNorm") return layerNorm(x, a, b, options.eps);
  if (op === "batchNorm2d") {
    return batchNorm2d(x, batchMoments(x), a, b, { eps: options.eps, trained: true });
  }
  throw new Error(`no operator ${op}`);
}

test.each(cases.map((c) => [c.op, c.inputs[0]!.shape, c.options, c] as const))(
  "%s of %j and its gradients are PyTorch's: %j",
  async (_op, _shape, _options, example) => {
    const values = example.inputs.map(({ shape }, i) => input(`x${i}`, shape));
    const y = applied(example, values as [Value, Value, Value]);
    const dy = constant(tensor(example.dy.shape, example.dy.data));
    const gradients = backward(sum(mul(y, dy)), values).map((g, i) => [`g${i}`, g!] as const);
    const results = await evaluate(
      { y, ...Object.fromEntries(gradients) },
      Object.fromEntries(
        example.inputs.map(({ shape, data }, i) => [`x${i}`, tensor(shape, data)]),
      ),
    );
    expect(results.y!.shape).toEqual(example.y.shape);
    expectClose(numbersOf(results.y!), example.y.data, 2e-6, "values");
    for (const [i, expected] of example.gradients.entries()) {
      expect(results[`g${i}`]!.shape).toEqual(expected.shape);
      expectClose(numbersOf(results[`g${i}`]!), expected.data, 2e-6, `gradient ${i}`);
    }
  },
);
