/** Layer normalisation over the last axis. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { full } from "../tensor/tensor.ts";
import { inferSame } from "./inferBroadcast.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";

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
  grad([x, gamma], dy, { attributes }) {
    const sums = apply(layerNormSumsOp, [x, gamma, dy], attributes);
    const c = gamma.shape[0]!;
    return [
      apply(layerNormGradXOp, [x, gamma, dy], attributes),
      reshape(slice(sums, 0, 0, 1), [c]),
      reshape(slice(sums, 0, 1, 2), [c]),
    ];
  },
});

/** Xhat = (X - mean) / sqrt(variance + eps) and 1 / sqrt(variance + eps), over the last axis. */
function emitNormalised(e: Emitter, x: string, eps: number, shape: Shape) {
  const c = shape.at(-1)!;
  const operands = [x, e.constant(full([c], 1)), e.constant(full([c], 0))];
  const attributes = { axis: { int: -1 }, epsilon: { float: eps } };
  const [normal = "", , inverse = ""] = e.ops("LayerNormalization", operands, 3, attributes);
  return { normal, inverse };
}

// S[0] = sum over rows of dY Xhat, S[1] = sum over rows of dY: d gamma and d beta, as products with a row of ones.
const layerNormSumsOp = defineOp<[x: Value, gamma: Value, dy: Value], { eps: number }>({
  name: "layerNormSums",
  infer: ([x]) => ({ dtype: x.dtype, shape: [2, x.shape.at(-1)!] }),
  emit(e, [x, , dy], { eps }, { inputs: [type] }) {
    const { shape } = type;
    const c = shape.at(-1)!;
    const rows = sizeOf(shape) / c;
    const ones = e.constant(full([1, rows], 1));
    const { normal } = emitNormalised(e, x, eps, shape);
    const sum = (v: string): string =>
      e.op("MatMul", [ones, e.op("Reshape", [v, e.ints([rows, c])])]);
    return e.op("Concat", [sum(e.op("Mul", [dy, normal])), sum(dy)], { axis: { int: 0 } });
  },
  grad: noSecondDerivative("layerNormSums"),
});

// dX = (G - mean(G) - Xhat mean(G Xhat)) / sqrt(variance + eps), G = dY gamma; the means as products with a column gamma / C
const layerNormGradXOp = defineOp<[x: Value, gamma: Value, dy: Value], { eps: number }>({
  name: "layerNormGradX",
  infer: inferSame,
  emit(e, [x, gamma, dy], { eps }, { inputs: [type] }) {
    const c = type.shape.at(-1)!;
    const { normal, inverse } = emitNormalised(e, x, eps, type.shape);
    const share = e.op("Mul", [gamma, e.scalar(1 / c)]);
    const column = e.op("Reshape", [share, e.ints([c, 1])]);
    const meanG = e.op("MatMul", [dy, column]);
    const meanGX = e.op("MatMul", [e.op("Mul", [dy, normal]), column]);
    const along = e.op("Add", [e.op("Mul", [normal, meanGX]), meanG]);
    return e.op("Mul", [e.op("Sub", [e.op("Mul", [dy, gamma]), along]), inverse]);
  },
  grad: noSecondDerivative("layerNormGradX"),
});
