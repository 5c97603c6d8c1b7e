/** ReLU with a trained slope. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { sizeOf } from "../tensor/shape.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * Y = X where X > 0, else slope X.
 *
 * @param x      any shape
 * @param slope  [1], one slope for all channels
 * @returns      the shape of `x`
 * @see https://onnx.ai/onnx/operators/onnx__PRelu.html
 */
export const prelu = (x: Value, slope: Value): Value => apply(preluOp, [x, slope]);

const preluOp = defineOp<[x: Value, slope: Value]>({
  name: "prelu",
  infer([x, slope]) {
    if (sizeOf(slope.shape) !== 1) {
      throw new ShapeError(`slope must be one number, got ${sizeOf(slope.shape)}`);
    }
    return { dtype: x.dtype, shape: x.shape };
  },
  emit: (e, inputs) => e.op("PRelu", inputs),
  grad: ([x, slope], dy) => [
    apply(preluGradXOp, [x, slope, dy]),
    apply(preluGradSlopeOp, [x, slope, dy]),
  ],
});

// dX = dY where X > 0, else slope dY
const preluGradXOp = defineOp<[x: Value, slope: Value, dy: Value]>({
  name: "preluGradX",
  infer: inferSame,
  emit(e, [x, slope, dy]) {
    const positive = e.op("Greater", [x, e.scalar(0)]);
    return e.op("Where", [positive, dy, e.op("Mul", [dy, slope])]);
  },
  grad: noSecondDerivative("preluGradX"),
});

// d slope = sum of dY min(X, 0)
const preluGradSlopeOp = defineOp<[x: Value, slope: Value, dy: Value]>({
  name: "preluGradSlope",
  infer: ([, slope]) => ({ dtype: slope.dtype, shape: slope.shape }),
  emit(e, [x, , dy], _attributes, { output }) {
    const negative = e.op("Min", [x, e.scalar(0)]);
    const sum = e.op("ReduceSum", [e.op("Mul", [dy, negative])], { keepdims: { int: 0 } });
    return e.op("Reshape", [sum, e.ints(output.shape)]);
  },
  grad: noSecondDerivative("preluGradSlope"),
});
