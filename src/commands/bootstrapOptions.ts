/** The options of confidence intervals, which several commands share. */
import { z } from "zod";

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
