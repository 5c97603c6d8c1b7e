/** Elementwise Y = A / B, with broadcasting. */
import { apply, defineOp, type Value } from "../graph/value.ts";
import { inferBroadcast } from "./inferBroadcast.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

/**
 * Y = A / B, elementwise.
 *
 * @param a  any shape
 * @param b  any shape that broadcasts against `a`
 * @returns  the broadcast shape
 * @throws {ShapeError} if the shapes do not broadcast.
 * @see https://onnx.ai/onnx/operators/onnx__Div.html
 */
export const div = (a: Value, b: Value): Value => apply(divOp, [a, b]);

const divOp = defineOp<[a: Value, b: Value]>({
  name: "div",
  infer: ([a, b]) => inferBroadcast(a, b),
  emit: (e, inputs) => e.op("Div", inputs),
  // dA = dY / B, dB = -dY Y / B
  grad: ([, b], dy, { output, needs }) => [
    needs(0) ? div(dy, b) : null,
    needs(1) ? neg(div(mul(dy, output), b)) : null,
  ],
});
