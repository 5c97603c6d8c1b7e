/** The options of scoring that several commands share. */
import { z } from "zod";
import { ArgumentError } from "../base/errors.ts";
import { unitChoices } from "../data/images/spacing.ts";
import type { Spacing } from "../metrics/distanceTransform.ts";
import { emptyPolicies } from "../metrics/emptyPolicy.ts";

/** Of confidence intervals. */
export const bootstrapOptions = {
  resamples: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(2000)
    .describe("bootstrap resamples behind each interval"),
  confidence: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.95)
    .describe("probability that the intervals stand for"),
  seed: z.int().min(0).default(0).describe("seed of the resamples"),
};

export const emptyOption = z.enum(emptyPolicies).describe("distance where one mask is empty");

export const unitOption = z.enum(unitChoices);

export const spacingOption = z.array(z.number().positive()).length(2).optional();

/**
 * The spacing that was given, height first.
 *
 * @throws {ArgumentError} if a unit was given as well: a spacing is in mm.
 */
export function givenSpacing({
  spacing,
  unit,
}: {
  readonly spacing?: readonly number[] | undefined;
  readonly unit?: string | undefined;
}): { spacingMm?: Spacing } {
  const [y, x] = spacing ?? [];
  if (y === undefined || x === undefined) return {};
  if (unit !== undefined)
    throw new ArgumentError(
      `unit (--unit) must not be given with --spacing, got "${unit}"; leave one of them out`,
    );
  return { spacingMm: { y, x } };
}
