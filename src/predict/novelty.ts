/** How unlike all known images an image is. */
import { ArgumentError } from "../base/errors.ts";

/** Images that are known, by their numbers, and how far they lie from each other. */
export interface KnownAppearances {
  readonly vectors: readonly (readonly number[])[];
  /** Of each number: its standard deviation over the known images, at least `leastScale`. */
  readonly scale: readonly number[];
  /** Distance below which 95 % of the known images have a neighbour among the others. */
  readonly usual: number;
}

/** Numbers that hardly vary in training (logarithms) still may by this much. */
const leastScale = 0.05;

/**
 * @param vectors  as `appearanceOf` gives them, of at least 8 images
 * @throws {ArgumentError} if there are fewer, from which nothing can be said.
 */
export function knownAppearances(vectors: readonly (readonly number[])[]): KnownAppearances {
  if (vectors.length < leastKnown)
    throw new ArgumentError(
      `knownAppearances: vectors must be of at least ${leastKnown} images, got ${vectors.length}`,
    );
  const scale = vectors[0]!.map((_, k) => {
    const own = vectors.map((vector) => vector[k]!);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const squares = own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return Math.max(leastScale, Math.sqrt(squares / (own.length - 1)));
  });
  const nearest = vectors
    .map((vector, i) => nearestOf(vector, vectors, scale, i))
    .sort((a, b) => a - b);
  const usual = nearest[Math.floor(0.95 * (nearest.length - 1))]!;
  return { vectors, scale, usual: Math.max(usual, Number.EPSILON) };
}

/** Fewer images tell nothing of how much they vary. */
const leastKnown = 8;

/** They, if there are any and enough. */
export const knownIfEnough = (
  vectors: readonly (readonly number[])[] | undefined,
): KnownAppearances | undefined =>
  vectors && vectors.length >= leastKnown ? knownAppearances(vectors) : undefined;

/**
 * Distance to the nearest known image, in units of `usual`: below 1 for 95 % of the known ones among themselves. Distance is
 * sqrt(sum_k ((a_k - b_k) / scale_k)^2).
 */
export const noveltyOf = (vector: readonly number[], known: KnownAppearances): number =>
  nearestOf(vector, known.vectors, known.scale) / known.usual;

function nearestOf(
  vector: readonly number[],
  others: readonly (readonly number[])[],
  scale: readonly number[],
  except = -1,
): number {
  let least = Infinity;
  for (const [i, other] of others.entries()) {
    if (i === except) continue;
    let sum = 0;
    for (let k = 0; k < scale.length; k++) sum += ((vector[k]! - other[k]!) / scale[k]!) ** 2;
    least = Math.min(least, sum);
  }
  return Math.sqrt(least);
}
