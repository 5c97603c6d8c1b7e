/** Batched matrix product. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { broadcast, sizeOf } from "../tensor/shape.ts";
import { transposeLast2 } from "./transpose.ts";

/**
 * Batched matrix product, Y[..., m, n] = sum over k of A[..., m, k] B[..., k, n].
 *
 * @param a  [..., M, K]
 * @param b  [..., K, N]; leading dimensions broadcast against those of `a`.
 * @returns  [..., M, N]
 * @throws {ShapeError} if a rank is below 2, the two K differ, or batches do not broadcast.
 * @see https://onnx.ai/onnx/operators/onnx__MatMul.html
 */
export const matmul = (a: Value, b: Value): Value => apply(matmulOp, [a, b]);

const matmulOp = defineOp<[a: Value, b: Value]>({
  name: "matmul",
  infer([a, b]) {
    const [m, k] = matrixDims(a);
    const [kOfB, n] = matrixDims(b);
    if (k !== kOfB) throw new ShapeError(`inner dimensions must match, got ${k} and ${kOfB}`);
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return { dtype: a.dtype, shape: [...batch, m, n] };
  },
  emit: (e, inputs) => e.op("MatMul", inputs),
  macs: ([a], y) => sizeOf(y.shape) * a.shape.at(-1)!,
  // dA = dY Bt, dB = At dY; backward() sums both over broadcast dimensions.
  grad: ([a, b], dy, { needs }) => [
    needs(0) ? matmul(dy, transposeLast2(b)) : null,
    needs(1) ? matmul(transposeLast2(a), dy) : null,
  ],
});

function matrixDims(v: Value): [rows: number, columns: number] {
  if (v.shape.length < 2) throw new ShapeError(`rank must be at least 2, got ${v.shape.length}`);
  return [v.shape.at(-2)!, v.shape.at(-1)!];
}
