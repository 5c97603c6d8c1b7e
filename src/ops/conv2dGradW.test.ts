import { expect, test } from "vitest";
import { backward } from "../autodiff/backward.ts";
import { input } from "../graph/value.ts";
import { Random } from "../base/random.ts";
import { ShapeError } from "../base/errors.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { tensor } from "../tensor/tensor.ts";
import { expectClose } from "../../test/helpers/checkOp.ts";
import { evaluate, numbersOf } from "../../test/helpers/evaluate.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { conv2dGradW } from "./conv2dGradW.ts";
import { sum } from "./sum.ts";

interface Example {
  readonly x: Shape;
  readonly w: Shape;
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
}

// Every form of the gradient, on both sides of each switch between forms.
const examples: [string, Example][] = [
  ["1 x 1, small maps", { x: [3, 4, 15, 17], w: [5, 4, 1, 1] }],
  ["1 x 1, large maps", { x: [3, 4, 16, 16], w: [5, 4, 1, 1] }],
  ["1 x 1, one large map", { x: [1, 3, 17, 19], w: [2, 3, 1, 1] }],
  ["1 x 1, large maps, stride 2", { x: [2, 3, 33, 32], w: [2, 3, 1, 1], stride: 2 }],
  ["1 x 1, small maps, stride 3", { x: [2, 3, 8, 7], w: [2, 3, 1, 1], stride: 3 }],
  ["3 x 3 on a large map", { x: [2, 3, 18, 17], w: [4, 3, 3, 3], padding: 1 }],
  ["rows that take part in no window", { x: [2, 3, 9, 8], w: [4, 3, 3, 3], stride: 4 }],
  ["wide border", { x: [2, 2, 4, 3], w: [3, 2, 3, 3], padding: 3, stride: 2 }],
  ["dilation 3", { x: [1, 2, 9, 10], w: [3, 2, 3, 2], dilation: 3, padding: 2 }],
  ["depthwise", { x: [3, 5, 6, 7], w: [5, 1, 3, 3], groups: 5, padding: 1 }],
  ["wide groups", { x: [2, 16, 6, 7], w: [18, 8, 3, 3], groups: 2, padding: 1 }],
  ["wide groups, dilated", { x: [1, 24, 9, 7], w: [24, 8, 3, 2], groups: 3, dilation: 2 }],
  ["wide groups, 1 x 1", { x: [1, 16, 5, 4], w: [16, 8, 1, 1], groups: 2 }],
  ["wide groups, stride 2", { x: [2, 16, 6, 7], w: [16, 8, 3, 3], groups: 2, stride: 2 }],
  ["grouped, rest", { x: [2, 4, 8, 9], w: [6, 2, 3, 3], groups: 2, stride: 3 }],
];

test.each(examples)("the gradient of the weights: %s", async (name, example) => {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = example;
  const [n, , height, width] = example.x as [number, number, number, number];
  const [k, perGroup, kh, kw] = example.w as [number, number, number, number];
  const out = (size: number, taps: number): number =>
    Math.floor((size + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1;
  const [oh, ow] = [out(height, kh), out(width, kw)];

  const random = Random.of("conv2dGradW", name);
  const draw = (shape: Shape) =>
    tensor(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(-1, 1)),
    );
  const [x, dy] = [draw(example.x), draw([n, k, oh, ow])];
  const attributes = { stride, padding, dilation, groups, shape: example.w };
  const { dw } = await evaluate(
    { dw: conv2dGradW(input("x", x.shape), input("dy", dy.shape), attributes) },
    { x, dy },
  );

  const [wideX, wideDy] = [x, dy].map(({ shape, data }) => ({
    shape,
    data: Float64Array.from(data),
  }));
  const expected = build([k, perGroup, kh, kw], (o, c, i, j) => {
    const channel = Math.floor(o / (k / groups)) * perGroup + c;
    return total(n, (b) =>
      total(oh, (row) =>
        total(ow, (column) => {
          const [y, xx] = [row * stride + i * dilation, column * stride + j * dilation];
          return at(wideDy!, b, o, row, column) * at(wideX!, b, channel, y - padding, xx - padding);
        }),
      ),
    );
  });
  expect(dw!.shape).toEqual([...example.w]);
  expectClose(numbersOf(dw!), expected.data, 1e-5, "dW");
});

test("it has no derivative of its own", () => {
  const [x, dy] = [input("x", [1, 2, 4, 4]), input("dy", [1, 3, 4, 4])];
  const attributes = { stride: 1, padding: 0, dilation: 1, groups: 1, shape: [3, 2, 1, 1] };
  expectError(
    () => backward(sum(conv2dGradW(x, dy, attributes)), [x]),
    ShapeError,
    "conv2dGradW: second derivatives are not available",
  );
});
