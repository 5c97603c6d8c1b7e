import { expect, test } from "vitest";
import { backward } from "../autodiff/backward.ts";
import { graphOf } from "../graph/graph.ts";
import { toOnnx } from "../graph/toOnnx.ts";
import { input, type Target, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { asConv2d, conv2d, type Conv2dOptions } from "./conv2d.ts";
import { neg } from "./neg.ts";
import { sum } from "./sum.ts";

function reference({ stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv2dOptions) {
  return (x: Reference, w: Reference, bias?: Reference): Reference => {
    const [n, , height, width] = x.shape as [number, number, number, number];
    const [k, perGroup, kh, kw] = w.shape as [number, number, number, number];
    const out = (size: number, taps: number) =>
      Math.floor((size + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1;
    return build([n, k, out(height, kh), out(width, kw)], (b, o, y, xx) => {
      const first = Math.floor(o / (k / groups)) * perGroup;
      return (
        (bias?.data[o] ?? 0) +
        total(perGroup, (c) =>
          total(kh, (i) =>
            total(
              kw,
              (j) =>
                at(w, o, c, i, j) *
                at(
                  x,
                  b,
                  first + c,
                  y * stride + i * dilation - padding,
                  xx * stride + j * dilation - padding,
                ),
            ),
          ),
        )
      );
    });
  };
}

const cases: [string, Conv2dOptions, number[], number[]][] = [
  ["3 x 3, padded", { padding: 1 }, [2, 3, 7, 5], [4, 3, 3, 3]],
  ["1 x 1", {}, [3, 5, 4, 6], [2, 5, 1, 1]],
  ["1 x 1 on one pixel", {}, [2, 5, 1, 1], [3, 5, 1, 1]],
  ["stride 2, odd size", { stride: 2, padding: 1 }, [2, 3, 7, 9], [4, 3, 3, 3]],
  ["stride 2, even size", { stride: 2, padding: 1 }, [2, 3, 8, 6], [4, 3, 3, 3]],
  ["1 x 1, stride 2", { stride: 2 }, [1, 3, 8, 6], [4, 3, 1, 1]],
  ["dilation 2", { dilation: 2, padding: 2 }, [2, 3, 7, 6], [4, 3, 3, 3]],
  ["depthwise", { padding: 1, groups: 4 }, [2, 4, 5, 6], [4, 1, 3, 3]],
  ["depthwise, stride 2", { padding: 1, stride: 2, groups: 4 }, [2, 4, 6, 8], [4, 1, 3, 3]],
  ["grouped", { padding: 1, groups: 2 }, [2, 6, 5, 4], [4, 3, 3, 3]],
  ["5 x 5 without padding", {}, [1, 2, 8, 7], [3, 2, 5, 5]],
  ["stride 3, rows that no window reaches", { stride: 3 }, [2, 3, 8, 7], [4, 3, 3, 3]],
  ["stride larger than the window", { stride: 3 }, [1, 2, 8, 6], [3, 2, 2, 2]],
  ["even window", { padding: 1 }, [2, 2, 5, 6], [3, 2, 2, 2]],
  ["1 x 1 with a border", { padding: 1 }, [2, 3, 4, 5], [2, 3, 1, 1]],
  ["wide window", { padding: 1 }, [1, 2, 5, 6], [3, 2, 1, 3]],
  ["tall window", { padding: 1 }, [1, 2, 5, 6], [3, 2, 3, 1]],
  ["stride and dilation 2", { stride: 2, dilation: 2, padding: 2 }, [2, 2, 9, 8], [3, 2, 3, 3]],
  ["border wider than the window", { padding: 3 }, [1, 2, 4, 3], [2, 2, 3, 3]],
  ["depthwise, dilation 3", { padding: 3, dilation: 3, groups: 3 }, [2, 3, 7, 8], [3, 1, 3, 3]],
  ["two maps a channel", { padding: 1, groups: 3 }, [2, 3, 5, 4], [6, 1, 3, 3]],
  ["grouped 1 x 1", { groups: 3 }, [2, 6, 3, 4], [9, 2, 1, 1]],
  [
    "grouped, stride 2 and dilation 2",
    { stride: 2, dilation: 2, padding: 2, groups: 2 },
    [3, 4, 8, 7],
    [6, 2, 3, 3],
  ],
  ["one channel, one map", { padding: 1 }, [1, 1, 5, 5], [1, 1, 3, 3]],
  ["a large map, fewer channels out than in", { padding: 1 }, [2, 5, 33, 32], [3, 5, 3, 3]],
  ["batch of 1, many channels", { padding: 1 }, [1, 16, 8, 8], [24, 16, 3, 3]],
];

test.each(cases)("convolution and its gradients: %s", async (_name, options, x, w) => {
  await checkOp((a, b) => conv2d(a, b, null, options), [x, w], reference(options));
  await checkOp((a, b, c) => conv2d(a, b, c, options), [x, w, [w[0]!]], reference(options));
});

test("a gradient asked for alone is the same", async () => {
  const [x, w, b] = [[2, 3, 6, 5], [4, 3, 3, 3], [4]] as const;
  const op = (a: Value, k: Value, c: Value): Value => conv2d(a, k, c, { padding: 1 });
  for (const constants of [
    [1, 2],
    [0, 2],
    [0, 1],
  ]) {
    await checkOp(op, [x, w, b], reference({ padding: 1 }), { constants });
  }
});

test("channels, groups, ranks, biases and windows that do not fit are refused", () => {
  expectError(
    () => conv2d(input("x", [1, 4, 5, 5]), input("w", [3, 2, 3, 3]), null, { groups: 2 }),
    ShapeError,
    "conv2d: 2 group(s) must divide the maps, got 3",
  );
  expectError(
    () => conv2d(input("x", [4, 5, 5]), input("w", [3, 4, 3, 3])),
    ShapeError,
    "conv2d: ranks must be 4, got 3 and 4",
  );
  expectError(
    () => conv2d(input("x", [1, 4, 5, 5]), input("w", [3, 4, 3, 3]), input("b", [4])),
    ShapeError,
    "conv2d: bias must be [3], got [4]",
  );
  expect(() =>
    conv2d(input("x", [1, 6, 5, 5]), input("w", [4, 4, 3, 3]), null, { groups: 2 }),
  ).toThrow("conv2d: 2 group(s) of 4 channels must make 6, got 8");
  expect(() => conv2d(input("x", [1, 3, 2, 2]), input("w", [4, 3, 3, 3]))).toThrow(
    "conv2d: window 3 x 3 must fit the padded map, got 2 x 2",
  );
});

test("a convolution tells its operands and options, other values tell nothing", () => {
  const [x, w, bias] = [input("x", [1, 2, 5, 5]), input("w", [4, 2, 3, 3]), input("b", [4])];
  const options = { stride: 2, padding: 1, dilation: 1, groups: 1 };
  expect(asConv2d(conv2d(x, w, bias, { stride: 2, padding: 1 }))).toEqual({ x, w, bias, options });
  expect(asConv2d(conv2d(x, w, null, options))?.bias).toBeNull();
  expect(asConv2d(neg(x))).toBeNull();
  expect(asConv2d(x)).toBeNull();
});

test.each([
  { channels: 6, maps: 4, batch: 2 },
  { channels: 9, maps: 8, batch: 6 },
])(
  "written for any device, convolutions that WebGPU gets wrong have channels of zeros, and the same results: %j",
  async ({ channels, maps, batch }) => {
    const shapes = [
      [batch, channels, 5, 6],
      [maps, channels, 3, 3],
    ];
    const convolve = (x: Value, w: Value): Value => conv2d(x, w, null, { padding: 1 });
    await checkOp(convolve, shapes, reference({ padding: 1 }), { target: "portable" });

    const [x, w] = shapes.map((shape, i) => input(`v${i}`, shape)) as [Value, Value];
    const [dx, dw] = backward(sum(convolve(x, w)), [x, w]);
    const graph = graphOf("conv", { y: convolve(x, w), dx: dx!, dw: dw! });
    const padsIn = (target: Target): number =>
      toOnnx(graph, { target }).nodes.filter(({ opType }) => opType === "Pad").length;
    expect(padsIn("cpu")).toBe(0);
    // Image and weights of the forward half; with six images those of the weights' gradient, whose channels the images are.
    expect(padsIn("portable")).toBe(batch === 6 ? 4 : 2);
  },
);
