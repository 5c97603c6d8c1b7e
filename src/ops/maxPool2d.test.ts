import { expect, test } from "vitest";
import { backward } from "../autodiff/backward.ts";
import { graphOf } from "../graph/graph.ts";
import { toOnnx } from "../graph/toOnnx.ts";
import { constant, input, type Target } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import { full, tensor } from "../tensor/tensor.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { runOp } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { maxPool2d } from "./maxPool2d.ts";
import { mul } from "./mul.ts";
import { sum } from "./sum.ts";
import type { PoolOptions } from "./poolSize.ts";

function reference({ kernel, stride = kernel, padding = 0 }: PoolOptions) {
  return (x: Reference): Reference => {
    const [n, c, height, width] = x.shape as [number, number, number, number];
    const out = (size: number): number => Math.floor((size + 2 * padding - kernel) / stride) + 1;
    return build([n, c, out(height), out(width)], (b, k, y, xx) => {
      let largest = -Infinity;
      for (let i = 0; i < kernel; i++) {
        for (let j = 0; j < kernel; j++) {
          const [row, column] = [y * stride + i - padding, xx * stride + j - padding];
          const inside = row >= 0 && row < height && column >= 0 && column < width;
          if (inside) largest = Math.max(largest, at(x, b, k, row, column));
        }
      }
      return largest;
    });
  };
}

test.each<PoolOptions>([
  { kernel: 2 },
  { kernel: 1 },
  { kernel: 3, stride: 2, padding: 1 },
  { kernel: 3, stride: 1, padding: 1 },
  { kernel: 2, stride: 1 },
  { kernel: 2, stride: 3 },
])("a maximum over windows and its gradient: %j", async (options) => {
  for (const shape of [
    [1, 1, 3, 3],
    [2, 3, 6, 4],
    [3, 2, 7, 5],
  ]) {
    for (const target of ["cpu", "portable"] as const) {
      await checkOp((x) => maxPool2d(x, options), [shape], reference(options), { target });
    }
  }
});

test("places outside the map do not take part, even where all inside are negative", async () => {
  const { y } = await runOp(
    (x) => maxPool2d(x, { kernel: 3, stride: 2, padding: 1 }),
    [full([1, 1, 4, 4], -5)],
  );
  expect(y).toEqual([-5, -5, -5, -5]);
});

test("where windows overlap, one place gathers the gradient of all it wins", async () => {
  const x = tensor([1, 1, 3, 3], [0, 0, 0, 0, 9, 0, 0, 0, 0]);
  const { gradients } = await runOp((v) => maxPool2d(v, { kernel: 2, stride: 1 }), [x]);
  expect(gradients[0]).toEqual([0, 0, 0, 0, 4, 0, 0, 0, 0]);
});

test("among equal maxima the first gets the gradient", async () => {
  const { gradients } = await runOp((x) => maxPool2d(x, { kernel: 2 }), [full([1, 1, 2, 2], 3)]);
  expect(gradients[0]).toEqual([1, 0, 0, 0]);
});

test.each<PoolOptions>([
  { kernel: 2 },
  { kernel: 3, stride: 2, padding: 1 },
  { kernel: 3, stride: 1, padding: 1 },
  { kernel: 2, stride: 3 },
])(
  "written for any device, the gradient is bit for bit that of the CPU's indices, many equal values included: %j",
  async (options) => {
    const random = Random.of(3, "ties");
    const shape = [2, 3, 9, 7];
    // Few values, most of them 0 as after a ReLU, and negative ones beside the border.
    const data = Array.from({ length: 378 }, () => Math.round(3 * random.normal()) / 2);
    const run = async (target: Target): Promise<number[]> => {
      const x = input("x", shape);
      const y = maxPool2d(x, options);
      const weight = constant(full(y.shape, 0.3));
      const [dx] = backward(sum(mul(mul(y, y), weight)), [x]);
      const session = await nodeRuntime.open(toOnnx(graphOf("pool", { dx: dx! }), { target }), {
        threads: 1,
      });
      const results = await session.run({ x: tensor(shape, data) });
      await session.close();
      return [...results["dx"]!.data].map(Number);
    };
    const [byIndex, byValue] = [await run("cpu"), await run("portable")];
    expect(byIndex.some((v) => v !== 0)).toBe(true);
    expect(byValue).toEqual(byIndex);
  },
);

test("maps that do not fit are refused", () => {
  expectError(
    () => maxPool2d(input("x", [1, 3, 5, 2]), { kernel: 3 }),
    ShapeError,
    "maxPool2d: window 3 must fit the padded map, got 5 x 2",
  );
  expectError(
    () => maxPool2d(input("x", [3, 5, 5]), { kernel: 3 }),
    ShapeError,
    "maxPool2d: rank must be 4, got 3",
  );
});
