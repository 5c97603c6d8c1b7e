/** Maximum over windows. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { poolSize, type PoolOptions } from "./poolSize.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";

/**
 * Y[n, c, y, x] = max over the window of X[n, c]; places outside the map do not take part.
 *
 * @param x  [N, C, H, W]
 * @returns  [N, C, (H + 2p - k) / s + 1, likewise]
 * @see https://onnx.ai/onnx/operators/onnx__MaxPool.html
 */
export const maxPool2d = (x: Value, { kernel, stride = kernel, padding = 0 }: PoolOptions): Value =>
  apply(maxPoolOp, [x], { kernel, stride, padding });

const maxPoolOp = defineOp<[x: Value], Required<PoolOptions>>({
  name: "maxPool2d",
  infer: ([x], a) => ({ dtype: x.dtype, shape: poolSize(x.shape, a, false) }),
  emit: (e, inputs, a) => e.op("MaxPool", inputs, poolAttributes(a)),
  grad: ([x], dy, { attributes }) => [
    apply(maxPoolGradOp, [x, dy], { ...attributes, shape: x.shape }),
  ],
});

const poolAttributes = ({ kernel, stride, padding: p }: Required<PoolOptions>) => ({
  kernel_shape: { ints: [kernel, kernel] },
  strides: { ints: [stride, stride] },
  pads: { ints: [p, p, p, p] },
});

// dY goes to the place of each maximum, which MaxPool tells as an index into the whole tensor.
const maxPoolGradOp = defineOp<[x: Value, dy: Value], Required<PoolOptions> & { shape: Shape }>({
  name: "maxPool2dGrad",
  infer: ([x], { shape }) => ({ dtype: x.dtype, shape }),
  emit(e, [x, dy], a) {
    const [, indices = ""] = e.ops("MaxPool", [x], 2, poolAttributes(a));
    const zeros = e.op("Expand", [e.scalar(0), e.ints([sizeOf(a.shape)])]);
    const flat = e.ints([-1]);
    const scattered = e.op(
      "ScatterElements",
      [zeros, e.op("Reshape", [indices, flat]), e.op("Reshape", [dy, flat])],
      { axis: { int: 0 }, reduction: { string: "add" } },
    );
    return e.op("Reshape", [scattered, e.ints(a.shape)]);
  },
  grad: noSecondDerivative("maxPool2dGrad"),
});
