/** The operator check must be able to fail: wrong values, wrong gradients, wrong shapes, NaN. */
import { expect, test } from "vitest";
import { apply, defineOp, type Emitter, type Value } from "../src/graph/value.ts";
import { mul } from "../src/ops/mul.ts";
import { scalar } from "../src/ops/scalar.ts";
import { checkOp, expectClose } from "./helpers/checkOp.ts";
import { elementwise } from "./helpers/loops.ts";

const twice = elementwise((x) => 2 * x);

/** Y = 2X, but for what a test breaks. */
function double(broken: {
  factor?: number;
  slope?: (dy: Value) => Value | null;
  emit?: (e: Emitter, x: string) => string;
}) {
  const op = defineOp<[x: Value]>({
    name: "double",
    infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
    emit: (e, [x]) => broken.emit?.(e, x) ?? e.op("Mul", [x, e.scalar(broken.factor ?? 2)]),
    grad: (_inputs, dy) => [broken.slope ? broken.slope(dy) : mul(dy, scalar(2))],
  });
  return (x: Value): Value => apply(op, [x]);
}

test("a right operator passes", async () => {
  await checkOp(double({}), [[2, 3]], twice);
});

test("a wrong value is found", async () => {
  const check = checkOp(double({ factor: 2.001 }), [[2, 3]], twice);
  await expect(check).rejects.toThrow("values: entry");
});

test("a wrong gradient is found, also a slightly wrong one", async () => {
  for (const slope of [1, 2.001]) {
    const check = checkOp(double({ slope: (dy) => mul(dy, scalar(slope)) }), [[2, 3]], twice);
    await expect(check).rejects.toThrow("gradient 0:");
  }
});

test("a missing gradient is found", async () => {
  await expect(checkOp(double({ slope: () => null }), [[2, 3]], twice)).rejects.toThrow(
    "gradient of operand 0",
  );
});

test("a result of another shape than inferred is found", async () => {
  const emit = (e: Emitter, x: string): string =>
    e.op("ReduceSum", [x, e.ints([0])], { keepdims: { int: 0 } });
  await expect(checkOp(double({ emit }), [[2, 3]], twice)).rejects.toThrow("executed shape");
});

test("NaN is found in any place, first, middle or last", () => {
  for (const at of [0, 1, 2]) {
    const values = [1, 2, 3];
    values[at] = NaN;
    expect(() => {
      expectClose(values, [1, 2, 3], 1e-3, "values");
    }).toThrow(`values: entry ${at} is NaN`);
    expect(() => {
      expectClose([1, 2, 3], values, 1e-3, "values");
    }).toThrow("values");
  }
});
