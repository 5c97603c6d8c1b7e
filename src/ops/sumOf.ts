/** Sum of several values of one shape. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { inferBroadcast } from "./inferBroadcast.ts";

/**
 * Y = X_1 + X_2 + ..., elementwise.
 *
 * @param values  at least one, equal shapes
 * @see https://onnx.ai/onnx/operators/onnx__Sum.html
 */
export const sumOf = (values: readonly Value[]): Value => apply(sumOfOp, values);

const sumOfOp = defineOp<readonly Value[]>({
  name: "sumOf",
  infer: (values) => inferBroadcast(...values),
  emit: (e, inputs) => e.op("Sum", inputs),
  grad: (values, dy) => values.map(() => dy),
});
