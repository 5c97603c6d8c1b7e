/** What a distance is when a mask is empty, so that there is nothing to measure. */

import { ArgumentError } from "../base/errors.ts";
import type { SurfaceDistances } from "./surfaceDistances.ts";

/**
 * The distance reported when exactly one mask of a pair is empty:
 * - `diagonal` (default): the image's diagonal, the worst a finite distance could be, so that a
 *   missed object costs and the mean stays finite;
 * - `infinity`: Infinity, and so is the mean;
 * - `nan`: NaN, and so is the mean;
 * - `skip`: NaN, left out of the mean and counted as excluded. Flatters a model that misses objects.
 *
 * If both are empty every distance is 0, whatever the policy.
 */
export type EmptyPolicy = "diagonal" | "infinity" | "nan" | "skip";

export const emptyPolicies: readonly EmptyPolicy[] = ["diagonal", "infinity", "nan", "skip"];

/** @throws {ArgumentError} if the policy is none of the four. */
export function checkEmptyPolicy(policy: string): asserts policy is EmptyPolicy {
  if (!emptyPolicies.some((known) => known === policy))
    throw new ArgumentError(
      `metrics: empty policy must be one of ${emptyPolicies.join(", ")}, got "${policy}"`,
    );
}

/** The distance that the policy sets, or undefined if both masks have pixels and it can be measured. */
export function emptyDistance(
  { predictionEmpty, truthEmpty, diagonal }: SurfaceDistances,
  policy: EmptyPolicy,
): number | undefined {
  if (predictionEmpty && truthEmpty) return 0;
  if (!predictionEmpty && !truthEmpty) return undefined;
  if (policy === "diagonal") return diagonal;
  return policy === "infinity" ? Infinity : NaN;
}
