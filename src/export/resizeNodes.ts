/** Resizing inside a model, with sizes that are known only when it runs: the arithmetic of `data/images/resize.ts`, to the last bit. */
import type { NodeWriter } from "./nodes.ts";

/** What the weights of a position sum to, as in `data/images/resize.ts`. */
const one = 2 ** 16;
/** What sums over both directions are divided by. */
export const scaled = one * one;

/**
 * The weights of `triangleTaps` as a matrix [to, from] of whole numbers: in whole numbers, every runtime gets the same.
 *
 * @param from  name of an int64 without axes
 * @param to    likewise
 */
export function resizeWeights(w: NodeWriter, from: string, to: string): string {
  const odd = (count: string, axis: number): string => {
    const positions = w.op("Range", [w.int(0), count, w.int(1)]);
    const column = w.op("Unsqueeze", [positions, w.ints([axis])]);
    return w.op("Add", [w.op("Mul", [column, w.int(2)]), w.int(1)]);
  };
  const place = w.op("Mul", [odd(from, 0), to]);
  const centre = w.op("Mul", [odd(to, 1), from]);
  const distance = w.op("Abs", [w.op("Sub", [place, centre])]);
  const top = w.op("Mul", [w.op("Max", [from, to]), w.int(2)]);
  const raw = w.op("Max", [w.op("Sub", [top, distance]), w.int(0)]);
  const sums = w.op("CumSum", [raw, w.int(1)]);
  const whole = w.op("ReduceSum", [raw, w.ints([1])], { keepdims: { int: 1 } });
  const rounded = (sum: string): string =>
    w.op("Div", [
      w.op("Add", [w.op("Mul", [sum, w.int(2 * one)]), whole]),
      w.op("Mul", [whole, w.int(2)]),
    ]);
  return w.op("Sub", [rounded(sums), rounded(w.op("Sub", [sums, raw]))]);
}

export const transposed = (w: NodeWriter, matrix: string): string =>
  w.op("Transpose", [matrix], { perm: { ints: [1, 0] } });
