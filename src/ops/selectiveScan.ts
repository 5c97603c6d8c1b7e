/** The recurrence of a selective state space, and its adjoint. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { sameShape, showShape, sizeOf, type Shape } from "../tensor/shape.ts";
import { full } from "../tensor/tensor.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";

/**
 * H_t[n, d] = exp(delta_t[d] A[n, d]) H_{t-1}[n, d] + B_t[n] V_t[d] with H_{-1} = 0, and Y_t[d] = sum over n of C_t[n] H_t[n, d],
 * for positions t = 0, 1, ..., L - 1; each of G groups has its own A, and M sequences.
 *
 * A loop over positions inside the graph: a step works on G M N D numbers, few enough to stay in the cache. The gradient computes
 * the states again, so that only operands are kept until then.
 *
 * @param delta  [L, G, M, D], steps
 * @param v      [L, G, M, D]; in Mamba the step times the input
 * @param a      [G, N, D], rates; negative, or the states grow without bound
 * @param b      [L, G, M, N]
 * @param c      [L, G, M, N]
 * @returns      [L, G, M, D]
 * @throws {ShapeError} if the shapes do not fit together.
 * @see Gu and Dao 2023, Mamba, algorithm 2; https://onnx.ai/onnx/operators/onnx__Scan.html
 */
export const selectiveScan = (delta: Value, v: Value, a: Value, b: Value, c: Value): Value =>
  apply(selectiveScanOp, [delta, v, a, b, c]);

type Operands = [delta: Value, v: Value, a: Value, b: Value, c: Value];

/** Sizes that shapes and bodies are made of. */
interface Sizes {
  readonly positions: number;
  readonly groups: number;
  readonly sequences: number;
  readonly states: number;
  readonly channels: number;
}

function sizesOf(delta: Shape, a: Shape): Sizes {
  const [positions = 1, groups = 1, sequences = 1, channels = 1] = delta;
  return { positions, groups, sequences, states: a[1] ?? 1, channels };
}

const selectiveScanOp = defineOp<Operands>({
  name: "selectiveScan",
  infer([delta, v, a, b, c]) {
    if (delta.shape.length !== 4 || a.shape.length !== 3) {
      throw new ShapeError(
        `ranks of delta and A must be 4 and 3, got ${delta.shape.length} and ${a.shape.length}`,
      );
    }
    const s = sizesOf(delta.shape, a.shape);
    const require = (name: string, { shape }: Value, wanted: Shape): void => {
      if (!sameShape(shape, wanted)) {
        throw new ShapeError(`${name} must be ${showShape(wanted)}, got ${showShape(shape)}`);
      }
    };
    const perState = [s.positions, s.groups, s.sequences, s.states];
    require("V", v, delta.shape);
    require("A", a, [s.groups, s.states, s.channels]);
    require("B", b, perState);
    require("C", c, perState);
    return { dtype: delta.dtype, shape: delta.shape };
  },
  emit(e, inputs, _attributes, { inputs: types, output }) {
    const s = sizesOf(types[0].shape, types[2].shape);
    const shapes = shapesOf(s);
    const { delta, v, a, columnB, rowC } = views(e, inputs, s);
    const body = e.body(
      [shapes.state, shapes.row, shapes.row, shapes.column, shapes.readout],
      ([h = "", deltaT = "", vT = "", bT = "", cT = ""]) => {
        const next = emitStep(e, h, decay(e, deltaT, a), bT, vT);
        return [
          [next, shapes.state],
          [e.op("MatMul", [cT, next]), shapes.row],
        ];
      },
    );
    const operands = [zeros(e, shapes.state), delta, v, columnB, rowC];
    const [, y = ""] = e.ops("Scan", operands, 2, { body, num_scan_inputs: { int: 4 } });
    return e.op("Reshape", [y, e.ints(output.shape)]);
  },
  // Decay, input and output of each state.
  macs: ([delta, , a]) => 3 * sizeOf(delta.shape) * a.shape[1]!,
  grad([delta, v, a, b, c], dy) {
    const all = apply(selectiveScanGradOp, [delta, v, a, b, c, dy]);
    let start = 0;
    return [delta, v, a, b, c].map(({ shape }) => {
      const from = start;
      start += sizeOf(shape);
      return reshape(slice(all, 0, from, start), shape);
    });
  },
});

// Gradients of all five operands, one after another in a row of numbers, as one loop backwards gives them all. With G_t the gradient
// of H_t and a_t = exp(delta_t A):
//   G_t = C_t dY_t + a_{t+1} G_{t+1},  dV_t = sum over n of B_t G_t,  dB_t = sum over d of G_t V_t,  dC_t = sum over d of H_t dY_t,
//   Q_t = G_t a_t H_{t-1},  ddelta_t = sum over n of Q_t A,  dA = sum over t and sequences of Q_t delta_t
const selectiveScanGradOp = defineOp<[...operands: Operands, dy: Value]>({
  name: "selectiveScanGrad",
  infer: (operands) => ({
    dtype: operands[0].dtype,
    shape: [operands.slice(0, 5).reduce((total, { shape }) => total + sizeOf(shape), 0)],
  }),
  emit(e, inputs, _attributes, { inputs: types }) {
    const s = sizesOf(types[0].shape, types[2].shape);
    const shapes = shapesOf(s);
    const { positions: l, groups: g, sequences: m, states: n, channels: d } = s;
    const { delta, v, a, columnB } = views(e, inputs, s);
    const view = (name: string, shape: Shape): string => e.op("Reshape", [name, e.ints(shape)]);
    const rowB = view(inputs[3], [l, g, m, 1, n]);
    const columnC = view(inputs[4], [l, g, m, n, 1]);
    const dyRow = view(inputs[5], [l, g, m, 1, d]);

    // Forwards again: the state before each position, and dC.
    const forwards = e.body(
      [shapes.state, shapes.row, shapes.row, shapes.column, shapes.row],
      ([h = "", deltaT = "", vT = "", bT = "", dyT = ""]) => {
        const next = emitStep(e, h, decay(e, deltaT, a), bT, vT);
        return [
          [next, shapes.state],
          [e.op("Identity", [h]), shapes.state],
          [emitRowSums(e, next, dyT, shapes), shapes.column],
        ];
      },
    );
    const zero = zeros(e, shapes.state);
    const [, before = "", dC = ""] = e.ops("Scan", [zero, delta, v, columnB, dyRow], 3, {
      body: forwards,
      num_scan_inputs: { int: 4 },
    });

    // Backwards.
    const ones = e.constant(full([1, n], 1));
    const backwards = e.body(
      [
        ...[shapes.state, shapes.state, shapes.row, shapes.row],
        ...[shapes.readout, shapes.column, shapes.row, shapes.state],
      ],
      (names) => {
        const [carried = "", sumA = "", deltaT = "", vT = "", bT = "", cT = "", dyT = "", h = ""] =
          names;
        const gT = e.op("Add", [carried, e.op("MatMul", [cT, dyT])]);
        const next = e.op("Mul", [decay(e, deltaT, a), gT]);
        const q = e.op("Mul", [next, h]);
        return [
          [next, shapes.state],
          [e.op("Add", [sumA, e.op("Mul", [q, deltaT])]), shapes.state],
          [e.op("MatMul", [ones, e.op("Mul", [q, a])]), shapes.row],
          [e.op("MatMul", [bT, gT]), shapes.row],
          [emitRowSums(e, gT, vT, shapes), shapes.column],
        ];
      },
    );
    const back = { ints: [1, 1, 1, 1, 1, 1] };
    const scanned = [delta, v, rowB, columnC, dyRow, before];
    const [, sumA = "", dDelta = "", dV = "", dB = ""] = e.ops(
      "Scan",
      [zero, zero, ...scanned],
      5,
      {
        body: backwards,
        num_scan_inputs: { int: scanned.length },
        scan_input_directions: back,
        scan_output_directions: { ints: [1, 1, 1] },
      },
    );
    const dA = e.op("ReduceSum", [sumA, e.ints([1])], { keepdims: { int: 0 } });
    const flat = [dDelta, dV, dA, dB, dC].map((part) => e.op("Reshape", [part, e.ints([-1])]));
    return e.op("Concat", flat, { axis: { int: 0 } });
  },
  grad: noSecondDerivative("selectiveScanGrad"),
});

/** What one position has: states [G, M, N, D], rows of channels, columns and rows of states. */
const shapesOf = ({ groups: g, sequences: m, states: n, channels: d }: Sizes) => ({
  state: [g, m, n, d],
  row: [g, m, 1, d],
  column: [g, m, n, 1],
  readout: [g, m, 1, n],
});

/** The operands as rows and columns that matrix products and broadcasting want. */
function views(e: Emitter, inputs: readonly string[], s: Sizes) {
  const { positions: l, groups: g, sequences: m, states: n, channels: d } = s;
  const [delta = "", v = "", a = "", b = "", c = ""] = inputs;
  const view = (name: string, shape: Shape): string => e.op("Reshape", [name, e.ints(shape)]);
  return {
    delta: view(delta, [l, g, m, 1, d]),
    v: view(v, [l, g, m, 1, d]),
    a: view(a, [g, 1, n, d]),
    columnB: view(b, [l, g, m, n, 1]),
    rowC: view(c, [l, g, m, 1, n]),
  };
}

const zeros = (e: Emitter, shape: Shape): string => e.op("Expand", [e.scalar(0), e.ints(shape)]);

/** exp(delta_t A) */
const decay = (e: Emitter, delta: string, a: string): string =>
  e.op("Exp", [e.op("Mul", [delta, a])]);

/** H_t = a_t H_{t-1} + B_t V_t; the outer product as a matrix product, which is faster than broadcasting. */
const emitStep = (e: Emitter, h: string, a: string, b: string, v: string): string =>
  e.op("Add", [e.op("Mul", [a, h]), e.op("MatMul", [b, v])]);

/** [..., N, D] times a row [..., 1, D], summed over channels: [..., N, 1]. */
function emitRowSums(
  e: Emitter,
  states: string,
  row: string,
  { row: [g = 1, m = 1, , d = 1] }: ReturnType<typeof shapesOf>,
): string {
  return e.op("MatMul", [states, e.op("Reshape", [row, e.ints([g, m, d, 1])])]);
}
