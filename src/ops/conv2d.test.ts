import { expect, test } from "vitest";
import { input } from "../graph/value.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { conv2d, type Conv2dOptions } from "./conv2d.ts";

function reference({ stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv2dOptions) {
  return (x: Reference, w: Reference, bias?: Reference): Reference => {
    const [n, , height, width] = x.shape as [number, number, number, number];
    const [k, perGroup, kh, kw] = w.shape as [number, number, number, number];
    const out = (size: number, taps: number) =>
      Math.floor((size + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1;
    return build([n, k, out(height, kh), out(width, kw)], (b, o, y, xx) => {
      const first = Math.floor(o! / (k / groups)) * perGroup;
      return (
        (bias?.data[o!] ?? 0) +
        total(perGroup, (c) =>
          total(kh, (i) =>
            total(
              kw,
              (j) =>
                at(w, o!, c, i, j) *
                at(
                  x,
                  b!,
                  first + c,
                  y! * stride + i * dilation - padding,
                  xx! * stride + j * dilation - padding,
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
  ["batch of 1, many channels", { padding: 1 }, [1, 16, 8, 8], [24, 16, 3, 3]],
];

test.each(cases)("convolution and its gradients: %s", async (_name, options, x, w) => {
  await checkOp((a, b) => conv2d(a, b, null, options), [x, w], reference(options));
  await checkOp((a, b, c) => conv2d(a, b, c, options), [x, w, [w[0]!]], reference(options));
});

test("channels and groups that do not fit are refused", () => {
  expect(() =>
    conv2d(input("x", [1, 6, 5, 5]), input("w", [4, 4, 3, 3]), null, { groups: 2 }),
  ).toThrow("conv2d: 2 group(s) of 4 channels must make 6, got 8");
  expect(() => conv2d(input("x", [1, 3, 2, 2]), input("w", [4, 3, 3, 3]))).toThrow(
    "conv2d: window 3 x 3 must fit the padded map, got 2 x 2",
  );
});
