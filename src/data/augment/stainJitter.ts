/** Histology as another laboratory would have stained it. */
import type { RgbImage } from "../../tensor/raster.ts";

/** A number for each stain: haematoxylin, eosin, diaminobenzidine. */
export type PerStain = readonly [haematoxylin: number, eosin: number, dab: number];

/** Optical density of each stain in red, green and blue: Ruifrok and Johnston 2001, table 1. */
const stainRows: readonly PerStain[] = [
  [0.65, 0.7, 0.29],
  [0.07, 0.99, 0.11],
  [0.27, 0.57, 0.78],
];

/** Amounts of stain from optical densities: the inverse of `stainRows`. */
const unmixing = inverse(stainRows);

/** A value of 0 has no logarithm; a quarter of a grey level rounds back to 0. */
const darkest = 0.25;

/**
 * Jitter of the stains (HED space). With D = -ln(I / 255) the optical densities of a pixel, a row of
 * three, and M the stains' densities, one row a stain,
 *
 *   s = D M^-1,  s'_i = alpha_i s_i + beta_i,  I' = 255 exp(-s' M), clamped.
 *
 * alpha = 1 and beta = 0 change nothing. Stains are not clipped at 0 in between, so that colours which
 * are no mixture of the three survive.
 *
 * @param alpha  factors
 * @param beta   additions, in units of s (natural logarithm)
 * @see Tellez et al. 2018, "Whole-slide mitosis detection in H&E breast histology using PHH3 as a
 *      reference to train distilled stain-invariant convolutional networks", section III
 */
export function stainJitter(
  { width, height, data }: RgbImage,
  alpha: PerStain,
  beta: PerStain,
): RgbImage {
  // D' = D A + b is linear: I' is a product of three powers, each looked up by one input channel.
  const tables: Float64Array[] = [];
  for (let to = 0; to < 3; to++) {
    let offset = 0;
    for (let i = 0; i < 3; i++) offset += beta[i]! * stainRows[i]![to]!;
    for (let from = 0; from < 3; from++) {
      let power = 0;
      for (let i = 0; i < 3; i++) power += unmixing[from]![i]! * alpha[i]! * stainRows[i]![to]!;
      const scale = from === 0 ? 255 * Math.exp(-offset) : 1;
      tables.push(
        Float64Array.from(
          { length: 256 },
          (_, value) => scale * (Math.max(value, darkest) / 255) ** power,
        ),
      );
    }
  }
  const result = new Uint8ClampedArray(data.length);
  for (let at = 0; at < data.length; at += 3) {
    const red = data[at]!;
    const green = data[at + 1]!;
    const blue = data[at + 2]!;
    for (let to = 0; to < 3; to++) {
      const value =
        tables[3 * to]![red]! * tables[3 * to + 1]![green]! * tables[3 * to + 2]![blue]!;
      result[at + to] = Math.floor(value + 0.5);
    }
  }
  return { width, height, data: new Uint8Array(result.buffer) };
}

/** The inverse of a 3 x 3 matrix: cofactors over determinant. */
function inverse(m: readonly PerStain[]): number[][] {
  const at = (row: number, column: number): number => m[row % 3]![column % 3]!;
  const cofactor = (row: number, column: number): number =>
    at(row + 1, column + 1) * at(row + 2, column + 2) -
    at(row + 1, column + 2) * at(row + 2, column + 1);
  const determinant = [0, 1, 2].reduce((sum, j) => sum + at(0, j) * cofactor(0, j), 0);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => cofactor(column, row) / determinant));
}
