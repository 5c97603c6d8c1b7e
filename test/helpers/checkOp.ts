/** The whole test of one operator: shape, values and gradient, against a float64 reference. */
import { expect } from "vitest";
import { backward } from "../../src/autodiff/backward.ts";
import { constant, input, type Target, type Value } from "../../src/graph/value.ts";
import { mul } from "../../src/ops/mul.ts";
import { sum } from "../../src/ops/sum.ts";
import { Random } from "../../src/base/random.ts";
import { sizeOf, type Shape } from "../../src/tensor/shape.ts";
import { tensor, type Tensor } from "../../src/tensor/tensor.ts";
import { evaluate } from "./evaluate.ts";

/** A float64 array with a shape: what references take and give. */
export interface Reference {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export interface CheckOptions {
  /** Operands are uniform in this range. Default [-1, 1]. */
  readonly range?: readonly [number, number];
  /** Largest error relative to the largest entry. Default 1e-5 for values, 1e-4 for gradients. */
  readonly tolerance?: number;
  readonly gradientTolerance?: number;
  /** Operands without a derivative. */
  readonly constants?: readonly number[];
  /** What the graph is written for. Default `cpu`. */
  readonly target?: Target;
}

/**
 * Checks that ONNX Runtime's result has the inferred shape, equals the plain-loop float64 reference, and that the
 * gradient equals central differences of the reference along a seeded random direction, for each operand.
 */
export async function checkOp(
  op: (...operands: Value[]) => Value,
  shapes: readonly Shape[],
  reference: (...operands: Reference[]) => Reference,
  options: CheckOptions = {},
): Promise<void> {
  const { range = [-1, 1], tolerance = 1e-5, gradientTolerance = 1e-4, constants = [] } = options;
  const random = Random.of("checkOp", JSON.stringify(shapes));
  const draw = (shape: Shape, [low, high]: readonly [number, number]): Tensor<"float32"> =>
    tensor(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(low, high)),
    );

  const operands = shapes.map((shape) => draw(shape, range));
  const values = shapes.map((shape, i) => input(`x${i}`, shape));
  const y = op(...values);
  const weights = draw(y.shape, [-1, 1]);
  const loss = sum(mul(y, constant(weights)));
  const differentiated = values.filter((_, i) => !constants.includes(i));
  const gradients = backward(loss, differentiated);

  const outputs: Record<string, Value> = { y };
  gradients.forEach((g, i) => {
    expect(g, `gradient of operand ${i}`).not.toBeNull();
    if (g) outputs[`g${values.indexOf(differentiated[i]!)}`] = g;
  });
  const results = await evaluate(outputs, Object.fromEntries(operands.map((t, i) => [`x${i}`, t])));

  // Shape and values.
  const wide = operands.map(({ shape, data }) => ({ shape, data: Float64Array.from(data) }));
  const expected = reference(...wide);
  const actual = results.y!;
  expect(actual.shape, "executed shape").toEqual([...y.shape]);
  expect(expected.shape, "reference shape").toEqual([...y.shape]);
  expectClose(actual.data as Float32Array, expected.data, tolerance, "values");

  // Gradients: d/dt L(x + t v) at 0, with L = sum(y . R).
  const lossAt = (at: readonly Reference[]): number =>
    reference(...at).data.reduce((total, v, i) => total + v * weights.data[i]!, 0);
  for (const [i, value] of values.entries()) {
    if (constants.includes(i)) continue;
    const gradient = results[`g${i}`]!;
    expect(gradient.shape, `shape of gradient ${i}`).toEqual([...value.shape]);
    const direction = Float64Array.from({ length: sizeOf(value.shape) }, () =>
      random.uniform(-1, 1),
    );
    const h = 1e-5;
    const moved = (sign: number): Reference[] =>
      wide.map((o, j) =>
        j === i ? { shape: o.shape, data: o.data.map((v, k) => v + sign * h * direction[k]!) } : o,
      );
    const difference = (lossAt(moved(1)) - lossAt(moved(-1))) / (2 * h);
    let product = 0;
    let scale = 0;
    for (const [k, v] of direction.entries()) {
      const term = Number(gradient.data[k]) * v;
      product += term;
      scale += term * term;
    }
    const allowed = gradientTolerance * Math.max(Math.sqrt(scale), Math.abs(difference), 1e-3);
    expect(
      Math.abs(product - difference),
      `gradient ${i}: ${product} against ${difference}`,
    ).toBeLessThanOrEqual(allowed);
  }
}

/** Fails unless every entry is within `tolerance` times the largest expected entry. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(actual.length, `${what}: number of values`).toBe(expected.length);
  let largest = 1e-30;
  let error = 0;
  let at = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const difference = Math.abs(actual[i]! - expected[i]!);
    // Written so that the first NaN is kept.
    if (!(difference <= error) && !Number.isNaN(error)) [error, at] = [difference, i];
  }
  expect(
    error / largest,
    `${what}: entry ${at} is ${actual[at]}, expected ${expected[at]}`,
  ).toBeLessThanOrEqual(tolerance);
}
