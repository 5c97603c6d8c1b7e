/** The options of scores that are distances, which several commands share. */
import { z } from "zod";
import { unitChoices } from "../data/images/spacing.ts";
import { emptyPolicies } from "../metrics/emptyPolicy.ts";
import { defaultNsdTolerance } from "../metrics/surfaceMetrics.ts";
import { nsdToleranceOption } from "../run/runtimeOptions.ts";

export const distanceOptions = {
  empty: z.enum(emptyPolicies).default("diagonal").describe("distance where one mask is empty"),
  unit: z
    .enum(unitChoices)
    .default("auto")
    .describe("of distances; auto: mm if every image tells the size of its pixels, else pixels"),
  nsdTolerance: nsdToleranceOption.default(defaultNsdTolerance),
};
