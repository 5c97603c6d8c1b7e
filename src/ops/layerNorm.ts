/** Layer normalisation over the last axis. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { ShapeError } from "../tensor/errors.ts";
import { inferSame } from "./inferBroadcast.ts";
import { mul } from "./mul.ts";
import { sum } from "./sum.ts";

/**
 * Y = gamma (X - mean) / sqrt(variance + eps) + beta; mean and biased variance over the last axis.
 *
 * @param x      [..., C]
 * @param gamma  [C]
 * @param beta   [C]
 * @returns      [..., C]
 * @throws {ShapeError} if gamma or beta do not have C entries.
 * @see Ba, Kiros and Hinton 2016; https://onnx.ai/onnx/operators/onnx__LayerNormalization.html
 */
export const layerNorm = (x: Value, gamma: Value, beta: Value, eps: number): Value =>
  apply(layerNormOp, [x, gamma, beta], { eps });

const layerNormOp = defineOp<[x: Value, gamma: Value, beta: Value], { eps: number }>({
  name: "layerNorm",
  infer([x, gamma, beta]) {
    const c = x.shape.at(-1);
    const fits = (v: Value): boolean => v.shape.length === 1 && v.shape[0] === c;
    if (!fits(gamma) || !fits(beta)) {
      throw new ShapeError(
        `gamma and beta must be [${c}], got [${gamma.shape.join()}] and [${beta.shape.join()}]`,
      );
    }
    return { dtype: x.dtype, shape: x.shape };
  },
  emit: (e, inputs, { eps }) =>
    e.op("LayerNormalization", inputs, { axis: { int: -1 }, epsilon: { float: eps } }),
  grad([x, gamma], dy, { attributes, needs }) {
    const normal = apply(normalisedOp, [x], attributes);
    const lead = x.shape.slice(0, -1).map((_, i) => i);
    return [
      needs(0) ? apply(layerNormGradXOp, [x, normal, gamma, dy], attributes) : null,
      needs(1) ? sum(mul(dy, normal), lead) : null,
      needs(2) ? sum(dy, lead) : null,
    ];
  },
});

const lastAxis = { axes: { ints: [-1] }, keepdims: { int: 1 } };

function emitInverseDeviation(
  e: Emitter,
  x: string,
  eps: number,
): { centred: string; inverse: string } {
  const centred = e.op("Sub", [x, e.op("ReduceMean", [x], lastAxis)]);
  const variance = e.op("ReduceMean", [e.op("Mul", [centred, centred])], lastAxis);
  const inverse = e.op("Reciprocal", [e.op("Sqrt", [e.op("Add", [variance, e.scalar(eps)])])]);
  return { centred, inverse };
}

// Xhat = (X - mean) / sqrt(variance + eps)
const normalisedOp = defineOp<[x: Value], { eps: number }>({
  name: "layerNormalised",
  infer: inferSame,
  emit(e, [x = ""], { eps }) {
    const { centred, inverse } = emitInverseDeviation(e, x, eps);
    return e.op("Mul", [centred, inverse]);
  },
  grad: noSecondDerivative("layerNormalised"),
});

// dX = (G - mean(G) - Xhat mean(G Xhat)) / sqrt(variance + eps), G = dY gamma
const layerNormGradXOp = defineOp<
  [x: Value, normal: Value, gamma: Value, dy: Value],
  { eps: number }
>({
  name: "layerNormGradX",
  infer: inferSame,
  emit(e, [x = "", normal = "", gamma = "", dy = ""], { eps }) {
    const { inverse } = emitInverseDeviation(e, x, eps);
    const g = e.op("Mul", [dy, gamma]);
    const meanG = e.op("ReduceMean", [g], lastAxis);
    const meanGX = e.op("ReduceMean", [e.op("Mul", [g, normal])], lastAxis);
    const rest = e.op("Sub", [e.op("Sub", [g, meanG]), e.op("Mul", [normal, meanGX])]);
    return e.op("Mul", [rest, inverse]);
  },
  grad: noSecondDerivative("layerNormGradX"),
});
