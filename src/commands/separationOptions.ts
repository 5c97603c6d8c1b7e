/** The options of telling instances apart, which several commands share. */
import { z } from "zod";
import type { SeparateOptions } from "../instances/separateInstances.ts";

/** For networks that tell instances apart; others leave them unused. */
export const separationOptions = {
  separation: z
    .enum(["watershed", "components"])
    .default("watershed")
    .describe("how touching instances are parted; components: not at all"),
  boundaryThreshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.7)
    .describe("probability from which a pixel parts instances"),
  neck: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe("how far a shape must narrow to be parted, as a share of its width"),
  minArea: z.int().min(0).default(10).describe("smaller instances are dropped, pixels"),
  minProbability: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "instances of a lower mean probability are dropped (default: half way from threshold to 1)",
    ),
};

/** `SeparateOptions` of checked options. */
export function separationOf({
  separation,
  boundaryThreshold,
  neck,
  minArea,
  minProbability,
}: z.output<z.ZodObject<typeof separationOptions>>): SeparateOptions {
  return {
    method: separation,
    boundaryThreshold,
    neck,
    minArea,
    ...(minProbability !== undefined && { minProbability }),
  };
}
