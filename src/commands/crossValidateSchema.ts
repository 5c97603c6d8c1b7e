/** The options of a cross-validation beside those of a run. */
import { z } from "zod";
import { folderOption } from "../base/options.ts";
import { defaultNsdTolerance } from "../metrics/surfaceMetrics.ts";
import { nsdToleranceOption, thresholdOption, ttaOption } from "../run/runtimeOptions.ts";
import { emptyOption, spacingOption, unitOption } from "./scoreOptions.ts";
import { splitOptions } from "./splitOptions.ts";

export const protocolSchema = z.strictObject({
  folds: z.int().min(2).default(5).describe("number of folds"),
  ...splitOptions,
  splitSeed: z
    .int()
    .min(0)
    .optional()
    .describe("seed of folds and validation images (default: --seed)"),
  splits: folderOption(
    "folder of fold-1.json and so on to use instead, as data split writes them",
  ).optional(),
  nearDuplicates: z
    .boolean()
    .default(true)
    .describe("look for images that show the same in two folds"),
});

export const foldEvaluationSchema = z.strictObject({
  tta: ttaOption.default(false),
  threshold: thresholdOption.default(0.5),
  empty: emptyOption.default("diagonal"),
  spacing: spacingOption.describe(
    "height and width of a pixel in mm, as 0.5,0.5 (default: what the images tell)",
  ),
  unit: unitOption
    .optional()
    .describe(
      "of distances without --spacing (default: auto, mm if every image tells the size of its pixels, else pixels)",
    ),
  nsdTolerance: nsdToleranceOption.default(defaultNsdTolerance),
});

/** What is kept of a cross-validation beside the configuration of its runs. */
export const crossValidationSchema = z.strictObject({
  protocol: protocolSchema,
  evaluation: foldEvaluationSchema,
});

export type CrossValidationRules = z.output<typeof crossValidationSchema>;
