/** Elementwise Y = X s(X), s the sigmoid. */
import { apply, defineOp, noSecondDerivative, type Value } from "../graph/value.ts";
import { inferSame } from "./inferBroadcast.ts";

/**
 * Y = X / (1 + exp(-X)), elementwise.
 *
 * @param x  any shape
 * @returns  the same shape
 * @see Elfwing et al. 2018; Ramachandran et al. 2017 (swish)
 */
export const silu = (x: Value): Value => apply(siluOp, [x]);

const siluOp = defineOp<[x: Value]>({
  name: "silu",
  infer: inferSame,
  emit: (e, [x]) => e.op("Mul", [x, e.op("Sigmoid", [x])]),
  grad: ([x], dy) => [apply(siluGradOp, [x, dy])],
});

// dX = dY s (1 + X (1 - s)), s = s(X)
const siluGradOp = defineOp<[x: Value, dy: Value]>({
  name: "siluGrad",
  infer: inferSame,
  emit(e, [x, dy]) {
    const s = e.op("Sigmoid", [x]);
    const y = e.op("Mul", [x, s]);
    const slope = e.op("Add", [s, e.op("Sub", [y, e.op("Mul", [y, s])])]);
    return e.op("Mul", [dy, slope]);
  },
  grad: noSecondDerivative("siluGrad"),
});
