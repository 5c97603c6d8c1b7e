/** Layer normalisation over the channels of each pixel. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shape.ts";
import { inferSame } from "./inferBroadcast.ts";
import { mul } from "./mul.ts";
import { sum } from "./sum.ts";

/**
 * Y[:, c] = gamma[c] (X[:, c] - mean) / sqrt(variance + eps) + beta[c]; mean and biased variance over the channels of each
 * pixel.
 *
 * @param x      [N, C, H, W]
 * @param gamma  [C]
 * @param beta   [C]
 * @returns      [N, C, H, W]
 * @throws {ShapeError} if the rank is not 4, or gamma or beta does not have C entries.
 * @see Ba, Kiros and Hinton 2016; SGDC uses eps 1e-6
 */
export const layerNorm2d = (x: Value, gamma: Value, beta: Value, eps: number): Value =>
  apply(layerNormOp, [x, gamma, beta], { eps });

const layerNormOp = defineOp<[x: Value, gamma: Value, beta: Value], { eps: number }>({
  name: "layerNorm2d",
  infer([x, gamma, beta]) {
    if (x.shape.length !== 4) throw new ShapeError(`rank must be 4, got ${x.shape.length}`);
    const each = x.shape.slice(1, 2);
    if (!sameShape(gamma.shape, each) || !sameShape(beta.shape, each)) {
      throw new ShapeError(
        `gamma and beta must be ${showShape(each)}, got ${showShape(gamma.shape)} and ${showShape(beta.shape)}`,
      );
    }
    return { dtype: x.dtype, shape: x.shape };
  },
  emit(e, [x = "", gamma = "", beta = ""], { eps }, { inputs: [type] }) {
    const c = type!.shape[1]!;
    const { normal } = emitNormalised(e, x, eps);
    const scaled = e.op("Mul", [normal, e.op("Reshape", [gamma, e.ints([1, c, 1, 1])])]);
    return e.op("Add", [scaled, e.op("Reshape", [beta, e.ints([1, c, 1, 1])])]);
  },
  grad([x, gamma], dy, { attributes, needs }) {
    const normal = apply(normalisedOp, [x], attributes);
    return [
      needs(0) ? apply(layerNormGradXOp, [x, gamma, dy], attributes) : null,
      needs(1) ? sum(mul(dy, normal), [0, 2, 3]) : null,
      needs(2) ? sum(dy, [0, 2, 3]) : null,
    ];
  },
});

/** Xhat = (X - mean) / sqrt(variance + eps) and 1 / sqrt(variance + eps), over axis 1. */
function emitNormalised(e: Emitter, x: string, eps: number) {
  const axis = { axes: { ints: [1] }, keepdims: { int: 1 } };
  const centred = e.op("Sub", [x, e.op("ReduceMean", [x], axis)]);
  const variance = e.op("ReduceMean", [e.op("Mul", [centred, centred])], axis);
  const inverse = e.op("Reciprocal", [e.op("Sqrt", [e.op("Add", [variance, e.scalar(eps)])])]);
  return { normal: e.op("Mul", [centred, inverse]), inverse };
}

const normalisedOp = defineOp<[x: Value], { eps: number }>({
  name: "layerNormalised",
  infer: inferSame,
  emit: (e, [x = ""], { eps }) => emitNormalised(e, x, eps).normal,
  grad: noSecondDerivative("layerNormalised"),
});

// dX = (G - mean(G) - Xhat mean(G Xhat)) / sqrt(variance + eps), G = dY gamma, means over channels
const layerNormGradXOp = defineOp<[x: Value, gamma: Value, dy: Value], { eps: number }>({
  name: "layerNorm2dGradX",
  infer: inferSame,
  emit(e, [x = "", gamma = "", dy = ""], { eps }, { inputs: [type] }) {
    const c = type!.shape[1]!;
    const axis = { axes: { ints: [1] }, keepdims: { int: 1 } };
    const { normal, inverse } = emitNormalised(e, x, eps);
    const g = e.op("Mul", [dy, e.op("Reshape", [gamma, e.ints([1, c, 1, 1])])]);
    const meanG = e.op("ReduceMean", [g], axis);
    const meanGX = e.op("ReduceMean", [e.op("Mul", [g, normal])], axis);
    const rest = e.op("Sub", [e.op("Sub", [g, meanG]), e.op("Mul", [normal, meanGX])]);
    return e.op("Mul", [rest, inverse]);
  },
  grad: noSecondDerivative("layerNorm2dGradX"),
});
