import { test } from "vitest";
import { constant, input } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { checkOp, type Reference } from "../../test/helpers/checkOp.ts";
import { expectError } from "../../test/helpers/expectError.ts";
import { at, build } from "../../test/helpers/loops.ts";
import { bandMatrix, type TileGeometry } from "./bandMatrix.ts";
import { mul } from "./mul.ts";

/** For tile pixel p and tap t: the seen pixel, or -1 beyond a spanned side. */
function seenBy(g: TileGeometry, p: number, t: number): number {
  const r = (g.k - 1) / 2;
  const top = g.seenRows === g.rows ? r : 0;
  const left = g.seenColumns === g.columns ? r : 0;
  const y = Math.floor(p / g.columns) + Math.floor(t / g.k) - top;
  const x = (p % g.columns) + (t % g.k) - left;
  return y >= 0 && y < g.seenRows && x >= 0 && x < g.seenColumns ? y * g.seenColumns + x : -1;
}

const reference =
  (g: TileGeometry) =>
  (taps: Reference): Reference =>
    build([taps.shape[0]!, g.rows * g.columns, g.seenRows * g.seenColumns], (tile, p, s) => {
      for (let t = 0; t < g.k ** 2; t++) if (seenBy(g, p, t) === s) return at(taps, tile, p, t);
      return 0;
    });

test.each<TileGeometry>([
  { rows: 2, columns: 3, seenRows: 4, seenColumns: 5, k: 3 },
  { rows: 4, columns: 8, seenRows: 6, seenColumns: 10, k: 3 },
  { rows: 1, columns: 1, seenRows: 3, seenColumns: 3, k: 3 },
  { rows: 2, columns: 2, seenRows: 2, seenColumns: 2, k: 1 },
  { rows: 2, columns: 2, seenRows: 6, seenColumns: 6, k: 5 },
  // Tiles that span the map one way, the other way, and both.
  { rows: 4, columns: 5, seenRows: 4, seenColumns: 7, k: 3 },
  { rows: 2, columns: 5, seenRows: 4, seenColumns: 5, k: 3 },
  { rows: 5, columns: 6, seenRows: 5, seenColumns: 6, k: 5 },
  { rows: 3, columns: 3, seenRows: 3, seenColumns: 3, k: 3 },
])("taps laid out as a band, and the gradient: %j", async (g) => {
  const pixels = g.rows * g.columns;
  const inside = Array.from({ length: pixels * g.k ** 2 }, (_, i) =>
    seenBy(g, Math.floor(i / g.k ** 2), i % g.k ** 2) >= 0 ? 1 : 0,
  );
  // Taps beyond a spanned side must be 0.
  const mask = constant(tensor([pixels, g.k ** 2], inside));
  await checkOp((taps) => bandMatrix(mul(taps, mask), g), [[3, pixels, g.k ** 2]], reference(g));
});

test("taps and windows that do not fit are refused", () => {
  const g = { rows: 2, columns: 3, seenRows: 4, seenColumns: 5, k: 3 };
  expectError(
    () => bandMatrix(input("taps", [1, 6, 25]), g),
    ShapeError,
    "bandMatrix: taps must be [T, 6, 9], got [1, 6, 25]",
  );
  expectError(
    () => bandMatrix(input("taps", [1, 6, 9]), { ...g, seenRows: 2 }),
    ShapeError,
    "bandMatrix: a tile must see 3 x 3, got 2 x 5",
  );
});
