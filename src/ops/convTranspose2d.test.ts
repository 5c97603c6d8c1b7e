import { test } from "vitest";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build, total } from "../../test/helpers/loops.ts";
import { ShapeError } from "../base/errors.ts";
import { input } from "../graph/value.ts";
import { convTranspose2d } from "./convTranspose2d.ts";

test.each([
  { x: [2, 3, 4, 5], w: [3, 2, 4, 4], stride: 2, padding: 1 },
  { x: [1, 1, 3, 2], w: [1, 1, 3, 3], stride: 2, padding: 1, outputPadding: 1 },
  { x: [2, 2, 1, 1], w: [2, 5, 2, 2], stride: 2 },
  { x: [1, 2, 3, 3], w: [2, 3, 1, 3] },
])("a transposed convolution and its gradients: %j", async ({ x, w, ...options }) => {
  const { stride = 1, padding = 0, outputPadding = 0 } = options;
  const [n = 1, c = 1, height = 1, width = 1] = x;
  const [, k = 1, kh = 1, kw = 1] = w;
  const out = (size: number, taps: number): number =>
    (size - 1) * stride - 2 * padding + taps + outputPadding;
  const reference = (a: Reference, b: Reference, bias: Reference): Reference =>
    build([n, k, out(height, kh), out(width, kw)], (i, j, y, z) => {
      const places = total(c, (ch) =>
        total(height, (u) =>
          total(width, (v) => {
            const [dy, dz] = [y + padding - u * stride, z + padding - v * stride];
            return at(a, i, ch, u, v) * at(b, ch, j, dy, dz);
          }),
        ),
      );
      return places + at(bias, j);
    });
  await checkOp((a, b, bias) => convTranspose2d(a, b, bias, options), [x, w, [k]], reference);
});

test("what does not fit is named", () => {
  const x = input("x", [1, 3, 4, 4]);
  const of =
    (w: number[], options = {}) =>
    () =>
      convTranspose2d(x, input("w", w), null, options);
  const fails = (action: () => unknown, text: string): void => {
    expectError(action, ShapeError, `convTranspose2d: ${text}`);
  };
  fails(of([2, 3, 2, 2]), "weights must be for 3 channels, got 2");
  fails(of([3, 3, 2]), "ranks must be 4, got 4 and 3");
  fails(of([3, 3, 1, 1], { padding: 2 }), "the result must have pixels, got 0 x 0");
  fails(of([3, 3, 2, 2], { outputPadding: 1 }), "output padding must be below the stride 1, got 1");
  fails(
    () => convTranspose2d(x, input("w", [3, 2, 2, 2]), input("b", [3])),
    "bias must be [2], got [3]",
  );
});
