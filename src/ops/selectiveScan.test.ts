import { expect, test } from "vitest";
import { build, at, total } from "../../test/helpers/loops.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { selectiveScan } from "./selectiveScan.ts";

/** y_t[d] = sum over n and s <= t of C_t B_s V_s exp(A (delta_{s+1} + ... + delta_t)): no recurrence, so no common mistake. */
function reference(
  delta: Reference,
  v: Reference,
  a: Reference,
  b: Reference,
  c: Reference,
): Reference {
  const states = a.shape[1]!;
  return build(delta.shape, (t, g, m, d) =>
    total(states, (n) =>
      total(t + 1, (s) => {
        const time = total(t - s, (i) => at(delta, s + 1 + i, g, m, d));
        const weight = Math.exp(time * at(a, g, n, d));
        return weight * at(c, t, g, m, n) * at(b, s, g, m, n) * at(v, s, g, m, d);
      }),
    ),
  );
}

test.each([
  [1, 1, 1, 1, 1],
  [7, 2, 3, 4, 5],
  [17, 1, 2, 16, 3],
  [12, 4, 1, 1, 6],
])(
  "a selective scan and its gradients: %i positions, %i groups of %i sequences, %i states, %i channels",
  async (l, g, m, n, d) => {
    const shapes = [
      [l, g, m, d],
      [l, g, m, d],
      [g, n, d],
      [l, g, m, n],
      [l, g, m, n],
    ];
    // Rates of both signs: growth is well defined, too.
    await checkOp(selectiveScan, shapes, reference, { range: [-0.7, 0.7] });
  },
);

test("operands that do not fit together are named", () => {
  const of = (...shape: number[]) => input("x", shape);
  const scan = (a: number[], c: number[]) => () =>
    selectiveScan(of(5, 1, 2, 3), of(5, 1, 2, 3), of(...a), of(5, 1, 2, 4), of(...c));
  expectError(
    scan([1, 4, 2], [5, 1, 2, 4]),
    ShapeError,
    "selectiveScan: A must be [1, 4, 3], got [1, 4, 2]",
  );
  expectError(
    scan([1, 4, 3], [5, 1, 2, 3]),
    ShapeError,
    "selectiveScan: C must be [5, 1, 2, 4], got [5, 1, 2, 3]",
  );
  expectError(
    scan([4, 3], [5, 1, 2, 4]),
    ShapeError,
    "selectiveScan: ranks of delta and A must be 4 and 3, got 4 and 2",
  );
  expect(scan([1, 4, 3], [5, 1, 2, 4])().shape).toEqual([5, 1, 2, 3]);
});
