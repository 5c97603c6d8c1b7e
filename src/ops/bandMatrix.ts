/** The taps of a tile's pixels as a banded matrix over the pixels that the tile sees. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";

/** A tile, what it sees, and its kernels. */
export interface TileGeometry {
  /** Rows and columns of the tile. */
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns that it sees: k - 1 more, or the same for a tile that spans the map (and has at least k). */
  readonly seenRows: number;
  readonly seenColumns: number;
  /** Side of the kernels, odd. */
  readonly k: number;
}

/**
 * B[t, p, s] = taps[t, p, i k + j] where seen pixel s is the (i, j)-th neighbour of tile pixel p, else 0.
 *
 * Taps that would reach beyond a spanned side must be 0. No entry is moved by itself: taps are padded to the length of a row of
 * seen pixels, and cutting the flattened result a little later each time slides each pixel's row one place further on.
 *
 * @param taps  [T, rows columns, k k]
 * @returns     [T, rows columns, seenRows seenColumns]
 * @throws {ShapeError} if the taps do not fit the geometry.
 */
export const bandMatrix = (taps: Value, geometry: TileGeometry): Value =>
  apply(bandOp, [taps], geometry);

const bandOp = defineOp<[taps: Value], TileGeometry>({
  name: "bandMatrix",
  infer([taps], g) {
    const [tiles = 1, pixels, count] = taps.shape;
    if (taps.shape.length !== 3 || pixels !== g.rows * g.columns || count !== g.k * g.k) {
      throw new ShapeError(
        `taps must be [T, ${g.rows * g.columns}, ${g.k * g.k}], got [${taps.shape.join(", ")}]`,
      );
    }
    if (g.seenRows < g.k || g.seenColumns < g.k) {
      throw new ShapeError(`a tile must see ${g.k} x ${g.k}, got ${g.seenRows} x ${g.seenColumns}`);
    }
    return { dtype: taps.dtype, shape: [tiles, pixels, g.seenRows * g.seenColumns] };
  },
  emit(e, [taps], g, { inputs: [type] }) {
    const tiles = type.shape[0]!;
    let v = taps;
    for (const { lead, from, to, before = 0 } of steps(g, tiles)) {
      const flat = e.op("Reshape", [v, e.ints([lead, from])]);
      v = emitPad(e, flat, before, to - from - before);
    }
    return e.op("Reshape", [v, e.ints([tiles, g.rows * g.columns, g.seenRows * g.seenColumns])]);
  },
  grad: ([taps], dy, { attributes }) => [
    apply(bandGradOp, [dy], { ...attributes, shape: taps.shape }),
  ],
});

// The same steps backwards: what was padded is cut, what was cut is padded.
const bandGradOp = defineOp<[dy: Value], TileGeometry & { shape: readonly number[] }>({
  name: "bandMatrixGrad",
  infer: ([dy], { shape }) => ({ dtype: dy.dtype, shape }),
  emit(e, [dy], g, { inputs: [type] }) {
    let v = dy;
    for (const { lead, from, to, before = 0 } of steps(g, type.shape[0]!).reverse()) {
      const flat = e.op("Reshape", [v, e.ints([lead, to])]);
      v = emitPad(e, flat, -before, -(to - from - before));
    }
    return e.op("Reshape", [v, e.ints(g.shape)]);
  },
  grad: noSecondDerivative("bandMatrixGrad"),
});

/** Zeros around the last axis of [lead, n]; negative amounts cut. */
const emitPad = (e: Emitter, x: string, before: number, after: number): string =>
  before || after ? e.op("Pad", [x, e.ints([0, before, 0, after])]) : x;

interface Step {
  /** The values are seen as [lead, from] and become [lead, to]. */
  readonly lead: number;
  readonly from: number;
  readonly to: number;
  /** Of the change, so much at the front; the rest at the end. */
  readonly before?: number;
}

function steps(g: TileGeometry, tiles: number): Step[] {
  const { rows, columns, seenRows, seenColumns, k } = g;
  const pixels = rows * columns;
  const seen = seenRows * seenColumns;
  // Where a spanned side has no margin, the first tap lies before the first seen pixel.
  const r = (k - 1) / 2;
  const ahead = (seenRows === rows ? r : 0) * seenColumns + (seenColumns === columns ? r : 0);
  // Each pixel starts one place after the one before it, each row of pixels `seenColumns` places after the one above.
  const perRow = columns * seen + seenColumns;
  return [
    { lead: tiles * pixels * k, from: k, to: seenColumns },
    { lead: tiles * pixels, from: k * seenColumns, to: seen + 1 },
    { lead: tiles * rows, from: columns * (seen + 1), to: perRow },
    { lead: tiles, from: rows * perRow, to: pixels * seen, before: -ahead },
  ];
}
