/** Rows picked by a table of indices: the one primitive behind tiles, bands and their inverses. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { int64, type Tensor } from "../tensor/tensor.ts";
import { emitSum } from "./sumOf.ts";

/** Indices of rows; -1 stands for a row of zeros. Equal tables should be the same array, so that graphs share them. */
export type IndexTable = Int32Array;

type Outside = "zeros" | "anything";

export interface GatherOptions {
  /**
   * What a row is where the table says -1. `zeros`: zeros. `anything`: some other row; the caller promises that nothing depends on
   * it, so that its gradient is 0. That saves a copy of x, and one of dY. Default `zeros`.
   */
  readonly outside?: Outside;
}

/**
 * Y[b, r, :] = X[b, table[r], :], or zeros where table[r] is -1.
 *
 * Rows are copied in one piece each: the longer, the faster.
 *
 * @param x      [B, S, D]
 * @param table  R indices below S, or -1
 * @returns      [B, R, D]
 * @throws {ShapeError} if the rank is not 3 or an index lies outside.
 * @see https://onnx.ai/onnx/operators/onnx__Gather.html
 */
export const gatherBlocks = (
  x: Value,
  table: IndexTable,
  { outside = "zeros" }: GatherOptions = {},
): Value => apply(gatherBlocksOp, [x], { table: wrap(table), outside });

// Tables are kept out of sight of the printer, which would write out every index.
class Table {
  readonly indices: IndexTable;
  constructor(indices: IndexTable) {
    this.indices = indices;
  }
  toJSON(): string {
    return `${this.indices.length} indices`;
  }
}

const wrapped = new WeakMap<IndexTable, Table>();
function wrap(indices: IndexTable): Table {
  const known = wrapped.get(indices) ?? new Table(indices);
  wrapped.set(indices, known);
  return known;
}

const gatherBlocksOp = defineOp<[x: Value], { table: Table; outside: Outside }>({
  name: "gatherBlocks",
  infer([x], { table: { indices } }) {
    const [b = 1, s = 1, d = 1] = x.shape;
    if (x.shape.length !== 3) throw new ShapeError(`rank must be 3, got ${x.shape.length}`);
    for (const i of indices) {
      if (i < -1 || i >= s) throw new ShapeError(`indices must lie within -1..${s - 1}, got ${i}`);
    }
    return { dtype: x.dtype, shape: [b, indices.length, d] };
  },
  emit(e, [x], { table: { indices }, outside }, { inputs: [type] }) {
    if (outside === "anything") return emitGather(e, x, indices, 0);
    const padded = indices.includes(-1) ? emitZeroRow(e, x) : x;
    return emitGather(e, padded, indices, type.shape[1]!);
  },
  grad: ([x], dy, { attributes }) => [
    apply(gatherGradOp, [dy], { ...attributes, sources: x.shape[1]! }),
  ],
});

// dX[b, s] = sum of dY[b, r] over all r with table[r] = s: as many gathers as a row was picked at most.
const gatherGradOp = defineOp<[dy: Value], { table: Table; outside: Outside; sources: number }>({
  name: "gatherBlocksGrad",
  infer: ([dy], { sources }) => ({
    dtype: dy.dtype,
    shape: [dy.shape[0]!, sources, dy.shape[2]!],
  }),
  emit(e, [dy], { table, outside, sources }, { inputs: [type] }) {
    const tables = inverse(table, sources);
    const missing = tables.some((t) => t.includes(-1));
    // A row outside has gradient 0 by promise, so it can stand for the row of zeros; else one is added.
    const outsideRow = outside === "anything" ? table.indices.indexOf(-1) : -1;
    const padded = missing && outsideRow < 0 ? emitZeroRow(e, dy) : dy;
    const zeroRow = outsideRow < 0 ? type.shape[1]! : outsideRow;
    const parts = tables.map((t) => emitGather(e, padded, t, zeroRow));
    return emitSum(e, parts);
  },
  grad: noSecondDerivative("gatherBlocksGrad"),
});

const emitZeroRow = (e: Emitter, x: string): string => e.op("Pad", [x, e.ints([0, 0, 0, 0, 1, 0])]);

function emitGather(e: Emitter, x: string, table: IndexTable, zeroRow: number): string {
  return e.op("Gather", [x, e.constant(indexTensor(table, zeroRow))], { axis: { int: 1 } });
}

// Both caches remember the number of rows as well: one table may serve operands of several sizes.
const indexTensors = new WeakMap<IndexTable, Map<number, Tensor>>();
function indexTensor(table: IndexTable, zeroRow: number): Tensor {
  const bySize = indexTensors.get(table) ?? new Map<number, Tensor>();
  indexTensors.set(table, bySize);
  const known = bySize.get(zeroRow);
  if (known) return known;
  const made = int64(
    [table.length],
    Array.from(table, (i) => (i < 0 ? zeroRow : i)),
  );
  bySize.set(zeroRow, made);
  return made;
}

const inverses = new WeakMap<Table, Map<number, IndexTable[]>>();

/** Tables t_m with t_m[s] = the m-th r for which table[r] = s, -1 where there is none; at least one table. */
function inverse(table: Table, sources: number): IndexTable[] {
  const bySize = inverses.get(table) ?? new Map<number, IndexTable[]>();
  inverses.set(table, bySize);
  const known = bySize.get(sources);
  if (known) return known;
  const used = new Int32Array(sources);
  const tables: IndexTable[] = [new Int32Array(sources).fill(-1)];
  for (const [r, s] of table.indices.entries()) {
    if (s < 0) continue;
    const m = used[s]!++;
    tables[m] ??= new Int32Array(sources).fill(-1);
    tables[m][s] = r;
  }
  bySize.set(sources, tables);
  return tables;
}
