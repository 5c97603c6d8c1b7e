import { expect, test } from "vitest";
import { evaluate } from "../../../test/helpers/evaluate.ts";
import { expectClose } from "../../../test/helpers/checkOp.ts";
import { Scope } from "../../nn/scope.ts";
import { input } from "../../graph/value.ts";
import { Random } from "../../base/random.ts";
import { transpose } from "../../ops/transpose.ts";
import { sizeOf, type Shape } from "../../tensor/shape.ts";
import { tensor, type Tensor } from "../../tensor/tensor.ts";
import { patchMerging, stateSpaceBlock } from "./visualStateSpace.ts";

const channels = 8;
const random = Random.of("visualStateSpace");
const draw = (shape: Shape): Tensor<"float32"> =>
  tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(-1, 1)),
  );

function weightsOf(): Map<string, Tensor<"float32">> {
  const { scope, registry } = Scope.root({ kind: "evaluate" });
  stateSpaceBlock(scope, input("x", [1, 2, 2, channels]));
  return new Map([...registry.parameters].map(([name, { spec }]) => [name, draw(spec.shape)]));
}

/** Equal parts of the first axis in another order. */
function reordered(
  { shape, data }: Tensor<"float32">,
  order: readonly number[],
): Tensor<"float32"> {
  const part = data.length / order.length;
  const moved = order.flatMap((from) => [...data.subarray(from * part, (from + 1) * part)]);
  return tensor(shape, moved);
}

test("rows and columns change places when the directions do", async () => {
  const weights = weightsOf();
  const swapped = new Map(weights);
  for (const name of ["x_proj_weight", "dt_projs_weight", "dt_projs_bias", "A_logs", "Ds"]) {
    const key = `self_attention.${name}`;
    // Rows for columns, rows from the end for columns from the end.
    swapped.set(key, reordered(weights.get(key)!, [1, 0, 3, 2]));
  }
  const kernels = weights.get("self_attention.conv2d.weight")!;
  const across = kernels.data.map(
    (_, i) => kernels.data[9 * Math.floor(i / 9) + 3 * (i % 3) + (Math.floor(i / 3) % 3)]!,
  );
  swapped.set("self_attention.conv2d.weight", tensor(kernels.shape, across));

  const block = (of: ReadonlyMap<string, Tensor>) => Scope.root({ kind: "predict", weights: of });
  const x = input("x", [2, 3, 5, channels]);
  const feeds = { x: draw(x.shape) };
  const turned = stateSpaceBlock(block(swapped).scope, transpose(x, [0, 2, 1, 3]));
  const y = stateSpaceBlock(block(weights).scope, x);
  const results = await evaluate({ y, turned: transpose(turned, [0, 2, 1, 3]) }, feeds);
  const expected = results.y!.data as Float32Array;
  expectClose(results.turned!.data as Float32Array, expected, 1e-5, "turned");

  // It is not the same without the exchange: the directions differ.
  const same = stateSpaceBlock(block(weights).scope, transpose(x, [0, 2, 1, 3]));
  const other = await evaluate({ other: transpose(same, [0, 2, 1, 3]) }, feeds);
  const difference = expected.reduce(
    (most, v, i) => Math.max(most, Math.abs(v - Number(other.other!.data[i]))),
    0,
  );
  expect(difference).toBeGreaterThan(1e-3);
});

test("merging takes the four pixels of a square, the left column first", async () => {
  // Weights that pick one of the four; LN keeps their order.
  const pick = (i: number): Map<string, Tensor> =>
    new Map([
      ["norm.weight", tensor([4], [1, 1, 1, 1])],
      ["norm.bias", tensor([4], [0, 0, 0, 0])],
      [
        "reduction.weight",
        tensor(
          [2, 4],
          [0, 1, 2, 3, 4, 5, 6, 7].map((j) => (j === i ? 1 : 0)),
        ),
      ],
    ]);
  const x = input("x", [1, 2, 2, 1]);
  const outputs = Object.fromEntries(
    [0, 1, 2, 3].map((i) => [
      `y${i}`,
      patchMerging(Scope.root({ kind: "predict", weights: pick(i) }).scope, x),
    ]),
  );
  const results = await evaluate(outputs, { x: tensor([1, 2, 2, 1], [10, 30, 20, 40]) });
  const taken = [0, 1, 2, 3].map((i) => Number(results[`y${i}`]!.data[0]));
  // Rows are 10, 30 and 20, 40: down the left column 10, 20, then 30, 40.
  for (const i of [1, 2, 3]) expect(taken[i]!).toBeGreaterThan(taken[i - 1]!);
});
