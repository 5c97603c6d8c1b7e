/** Rows picked by a table of indices: the one primitive behind tiles, bands and their inverses. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { ShapeError } from "../tensor/errors.ts";
import { int64, type Tensor } from "../tensor/tensor.ts";

/** Indices of rows; -1 stands for a row of zeros. Equal tables should be the same array, so that graphs share them. */
export type IndexTable = Int32Array;

/**
 * Y[b, r, :] = X[b, table[r], :], or zeros where table[r] is -1.
 *
 * Rows of one number are copied one by one; longer rows in one piece, which is what makes tiling cheap.
 *
 * @param x      [B, S, D]
 * @param table  R indices below S, or -1
 * @returns      [B, R, D]
 * @throws {ShapeError} if the rank is not 3 or an index lies outside.
 * @see https://onnx.ai/onnx/operators/onnx__Gather.html
 */
export const gatherBlocks = (x: Value, table: IndexTable): Value =>
  apply(gatherBlocksOp, [x], { table: wrap(table) });

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

const gatherBlocksOp = defineOp<[x: Value], { table: Table }>({
  name: "gatherBlocks",
  infer([x], { table: { indices } }) {
    const [b = 1, s = 1, d = 1] = x.shape;
    if (x.shape.length !== 3) throw new ShapeError(`rank must be 3, got ${x.shape.length}`);
    for (const i of indices) {
      if (i < -1 || i >= s) throw new ShapeError(`indices must lie within -1..${s - 1}, got ${i}`);
    }
    return { dtype: x.dtype, shape: [b, indices.length, d] };
  },
  emit: (e, [x = ""], { table }, { inputs: [type] }) =>
    emitGather(e, withZeroRow(e, x, table.indices), table.indices, type!.shape[1]!),
  grad: ([x], dy, { attributes }) => [
    apply(gatherGradOp, [dy], { ...attributes, sources: x.shape[1]! }),
  ],
});

// dX[b, s] = sum of dY[b, r] over all r with table[r] = s: as many gathers as a row was picked at most.
const gatherGradOp = defineOp<[dy: Value], { table: Table; sources: number }>({
  name: "gatherBlocksGrad",
  infer: ([dy], { sources }) => ({
    dtype: dy.dtype,
    shape: [dy.shape[0]!, sources, dy.shape[2]!],
  }),
  emit(e, [dy = ""], { table, sources }, { inputs: [type] }) {
    const tables = inverse(table, sources);
    const rows = type!.shape[1]!;
    // One zero row serves all of them.
    const padded = tables.some((t) => t.includes(-1)) ? emitZeroRow(e, dy) : dy;
    const parts = tables.map((t) => emitGather(e, padded, t, rows));
    return parts.length > 1 ? e.op("Sum", parts) : parts[0]!;
  },
  grad: noSecondDerivative("gatherBlocksGrad"),
});

const emitZeroRow = (e: Emitter, x: string): string => e.op("Pad", [x, e.ints([0, 0, 0, 0, 1, 0])]);

const withZeroRow = (e: Emitter, x: string, table: IndexTable): string =>
  table.includes(-1) ? emitZeroRow(e, x) : x;

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
