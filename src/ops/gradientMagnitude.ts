/** Length of a two-component gradient. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { sameShape, showShape } from "../tensor/shape.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * M = sqrt(Gx^2 + Gy^2), elementwise; the derivative at M = 0 is defined as 0.
 *
 * Without that definition every exactly flat place (the black corners of dermoscopy) would yield 0 / 0.
 *
 * @param gx  any shape
 * @param gy  the same shape
 * @returns   the same shape
 * @throws {ShapeError} if the shapes differ.
 */
export const gradientMagnitude = (gx: Value, gy: Value): Value =>
  apply(gradientMagnitudeOp, [gx, gy]);

const gradientMagnitudeOp = defineOp<[gx: Value, gy: Value]>({
  name: "gradientMagnitude",
  infer([gx, gy]) {
    if (!sameShape(gx.shape, gy.shape)) {
      throw new ShapeError(
        `shapes must be equal, got ${showShape(gx.shape)} and ${showShape(gy.shape)}`,
      );
    }
    return { dtype: gx.dtype, shape: gx.shape };
  },
  emit: (e, [gx, gy]) =>
    e.op("Sqrt", [e.op("Add", [e.op("Mul", [gx, gx]), e.op("Mul", [gy, gy])])]),
  grad: ([gx, gy], dy, { output }) => [
    apply(magnitudeGradOp, [gx, output, dy]),
    apply(magnitudeGradOp, [gy, output, dy]),
  ],
});

// dG = dM G / M, and 0 where G is 0. M is 0 as well where G^2 is too small for float32, below |G| = 1.1e-19: the divisor is
// kept above that, so that no quotient exceeds 1.
const magnitudeGradOp = defineOp<[g: Value, magnitude: Value, dy: Value]>({
  name: "magnitudeGrad",
  infer: inferSame,
  emit(e, [g, magnitude, dy]) {
    const divisor = e.op("Max", [magnitude, e.scalar(1e-18)]);
    return e.op("Mul", [dy, e.op("Div", [g, divisor])]);
  },
  grad: noSecondDerivative("magnitudeGrad"),
});
