/** Other ways to compute the selective scan, for comparison. All take and give what `ops/selectiveScan.ts` does. */
import type { Value } from "../src/graph/value.ts";
import { constant } from "../src/graph/value.ts";
import { add } from "../src/ops/add.ts";
import { concat } from "../src/ops/concat.ts";
import { exp } from "../src/ops/exp.ts";
import { matmul } from "../src/ops/matmul.ts";
import { mul } from "../src/ops/mul.ts";
import { neg } from "../src/ops/neg.ts";
import { padZeros } from "../src/ops/padZeros.ts";
import { reshape } from "../src/ops/reshape.ts";
import { slice, split } from "../src/ops/slice.ts";
import { transpose, transposeLast2 } from "../src/ops/transpose.ts";
import { tensor } from "../src/tensor/tensor.ts";

/** delta, V [L, G, M, D]; A [G, N, D]; B, C [L, G, M, N] */
export type Operands = readonly [delta: Value, v: Value, a: Value, b: Value, c: Value];

/** One after another along the first axis. */
const each = (x: Value): Value[] => split(x, 0, Array<number>(x.shape[0]!).fill(1));

const sizesOf = ([delta, , a]: Operands) => {
  const [l = 1, g = 1, m = 1, d = 1] = delta.shape;
  return { l, g, m, d, n: a.shape[1]! };
};

/** Decays and inputs of all positions at once, [L, G, M, N, D], and C as rows [L, G, M, 1, N]. */
function laidOut(operands: Operands) {
  const [delta, v, a, b, c] = operands;
  const { l, g, m, d, n } = sizesOf(operands);
  return {
    decay: exp(mul(reshape(delta, [l, g, m, 1, d]), reshape(a, [g, 1, n, d]))),
    input: mul(reshape(b, [l, g, m, n, 1]), reshape(v, [l, g, m, 1, d])),
    rows: reshape(c, [l, g, m, 1, n]),
  };
}

/** The definition, position by position: what tracing a loop gives. */
export function plainLoop(operands: Operands): Value {
  const [delta, v, a, b, c] = operands;
  const { l, g, m, d, n } = sizesOf(operands);
  const rates = reshape(a, [1, g, 1, n, d]);
  const deltas = each(reshape(delta, [l, g, m, 1, d]));
  const inputs = each(reshape(v, [l, g, m, 1, d]));
  const columns = each(reshape(b, [l, g, m, n, 1]));
  const rows = each(reshape(c, [l, g, m, 1, n]));
  let h: Value | null = null;
  const outputs: Value[] = [];
  for (let t = 0; t < l; t++) {
    const fresh = mul(columns[t]!, inputs[t]!);
    h = h ? add(mul(exp(mul(deltas[t]!, rates)), h), fresh) : fresh;
    outputs.push(matmul(rows[t]!, h));
  }
  return reshape(concat(outputs, 0), delta.shape);
}

/**
 * Levels of blocks: all blocks take a step at once, blocks pass their last states on likewise one level higher, and what comes in is
 * then added everywhere.
 */
export const blocked =
  (blocks: readonly number[]) =>
  (operands: Operands): Value => {
    const { decay, input, rows } = laidOut(operands);
    return reshape(matmul(rows, prefixes(decay, input, blocks)), operands[0].shape);
  };

/** H_t = a_t H_{t-1} + b_t along the first axis, whose size is the product of `blocks`. */
function prefixes(a: Value, b: Value, blocks: readonly number[]): Value {
  const [size = 1, ...rest] = blocks;
  const [l = 1, ...inner] = a.shape;
  const order = [1, 0, ...inner.map((_, i) => i + 2)];
  // Position t = block * size + step: steps first, so that each is one piece of memory.
  const steps = (x: Value): Value[] =>
    each(transpose(reshape(x, [l / size, size, ...inner]), order)).map((part) =>
      reshape(part, [l / size, ...inner]),
    );
  const [decays, inputs] = [steps(a), steps(b)];
  const states = [inputs[0]!];
  const factors = [decays[0]!];
  for (let i = 1; i < size; i++) {
    states.push(add(mul(decays[i]!, states[i - 1]!), inputs[i]!));
    factors.push(mul(decays[i]!, factors[i - 1]!));
  }
  let whole = states;
  if (rest.length > 0) {
    const ends = prefixes(factors[size - 1]!, states[size - 1]!, rest);
    const entering = padZeros(slice(ends, 0, 0, l / size - 1), 0, 1, 0);
    whole = states.map((state, i) => add(state, mul(factors[i]!, entering)));
  }
  const stacked = concat(
    whole.map((state) => reshape(state, [1, ...state.shape])),
    0,
  );
  return reshape(transpose(stacked, order), a.shape);
}

/**
 * Products in chunks: exp(A (S_t - S_s)) = exp(A S_t) exp(-A S_s) with S the steps summed from the chunk's begin, so that a chunk is a
 * product of two matrices for each channel. The second factor grows with A S: right only while that stays small.
 */
export const chunked =
  (size: number) =>
  (operands: Operands): Value => {
    const [delta, v, a, b, c] = operands;
    const { l, g, m, d, n } = sizesOf(operands);
    const k = l / size;
    // [chunks, G, M, D, size]
    const perChannel = (x: Value): Value =>
      transpose(reshape(x, [k, size, g, m, d]), [0, 2, 3, 4, 1]);
    const perState = (x: Value): Value =>
      transpose(reshape(x, [k, size, g, m, 1, n]), [0, 2, 3, 4, 1, 5]);
    const upper = triangle(size, (s, t) => s <= t);
    const sums = matmul(perChannel(delta), upper);
    const rates = reshape(transpose(a, [0, 2, 1]), [1, g, 1, d, 1, n]);
    const grown = mul(reshape(sums, [k, g, m, d, size, 1]), rates);
    const left = mul(perState(c), exp(grown));
    const right = mul(perState(b), exp(neg(grown)));
    const weights = mul(
      matmul(left, transposeLast2(right)),
      triangle(size, (t, s) => s <= t),
    );
    const column = reshape(perChannel(v), [k, g, m, d, size, 1]);
    const within = matmul(weights, column);

    // States at the ends of chunks, one after another; what enters a chunk adds to all of it.
    const decay = slice(exp(grown), 4, size - 1, size);
    const made = mul(decay, reshape(matmul(transposeLast2(right), column), [k, g, m, d, 1, n]));
    const [decays, mades] = [each(decay), each(made)];
    const entering: Value[] = [mul(mades[0]!, constant(tensor([], [0])))];
    let h = mades[0]!;
    for (let i = 1; i < k; i++) {
      entering.push(h);
      h = add(mul(decays[i]!, h), mades[i]!);
    }
    const carried = matmul(left, transposeLast2(concat(entering, 0)));
    const y = reshape(add(within, carried), [k, g, m, d, size]);
    return reshape(transpose(y, [0, 4, 1, 2, 3]), delta.shape);
  };

const triangle = (size: number, inside: (row: number, column: number) => boolean): Value =>
  constant(
    tensor(
      [size, size],
      Array.from({ length: size * size }, (_, i) =>
        inside(Math.floor(i / size), i % size) ? 1 : 0,
      ),
    ),
  );
