/** Affine map of rows. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { sizeOf } from "../tensor/shape.ts";
import { sum } from "./sum.ts";

/**
 * Y[m, k] = bias[k] + sum over c of X[m, c] W[k, c]: a 1 x 1 convolution on channels-last maps.
 *
 * @param x     [M, C]
 * @param w     [K, C]
 * @param bias  [K], or null
 * @returns     [M, K]
 * @throws {ShapeError} if ranks or channels do not fit.
 * @see https://onnx.ai/onnx/operators/onnx__Gemm.html
 */
export const linear = (x: Value, w: Value, bias: Value | null = null): Value =>
  apply(linearOp, bias ? ([x, w, bias] as const) : ([x, w] as const));

type Operands = readonly [x: Value, w: Value] | readonly [x: Value, w: Value, bias: Value];

const linearOp = defineOp<Operands>({
  name: "linear",
  infer([x, w, bias]) {
    if (x.shape.length !== 2 || w.shape.length !== 2) {
      throw new ShapeError(`ranks must be 2, got ${x.shape.length} and ${w.shape.length}`);
    }
    const biasFits = !bias || (bias.shape.length === 1 && bias.shape[0] === w.shape[0]);
    if (x.shape[1] !== w.shape[1] || !biasFits) {
      throw new ShapeError(
        `channels must fit, got rows of ${x.shape[1]}, weights [${w.shape.join(", ")}] and ${bias ? `a bias of ${bias.shape.join()}` : "no bias"}`,
      );
    }
    return { dtype: x.dtype, shape: [x.shape[0]!, w.shape[0]!] };
  },
  emit: (e, inputs) => e.op("Gemm", inputs, { transB: { int: 1 } }),
  macs: ([x], y) => sizeOf(y.shape) * x.shape[1]!,
  // dX = dY W, dW = dY^T X, dbias = sum of the rows of dY
  grad([x, w, bias], dy, { needs }) {
    const gradients = [
      needs(0) ? apply(productOp, [dy, w], { transposeA: false }) : null,
      needs(1) ? apply(productOp, [dy, x], { transposeA: true }) : null,
    ];
    return bias ? [...gradients, needs(2) ? sum(dy, [0]) : null] : gradients;
  },
});

const productOp = defineOp<[a: Value, b: Value], { transposeA: boolean }>({
  name: "linearGrad",
  infer: ([a, b], { transposeA }) => ({
    dtype: a.dtype,
    shape: [a.shape[transposeA ? 1 : 0]!, b.shape[1]!],
  }),
  emit: (e, inputs, { transposeA }) =>
    e.op("Gemm", inputs, { transA: { int: transposeA ? 1 : 0 } }),
  grad: noSecondDerivative("linearGrad"),
});
