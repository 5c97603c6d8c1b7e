/** The options of augmentation in a configuration: the table of `src/data/augmentOptions.ts` as a schema. */
import { z } from "zod";
import {
  type AugmentNumber,
  augmentNumbers,
  augmentRanges,
  type AugmentSettings,
  borders,
} from "../data/augmentOptions.ts";

const numbers = Object.fromEntries(
  augmentNumbers.map((name) => {
    const { low, high, description } = augmentRanges[name];
    return [name, z.number().min(low).max(high).describe(description)];
  }),
) as Record<AugmentNumber, z.ZodNumber>;

/** One field for each option, without a default: those are the presets' to give. */
export const augmentOptionsSchema = z.strictObject({
  ...numbers,
  border: z.enum(borders).describe("what is seen beyond the border"),
});

/** The names of all options. */
export const augmentOptionNames: readonly string[] = Object.keys(augmentOptionsSchema.shape);

/** The options of augmentation among others, such as the `data` section of a configuration. */
export function pickAugmentOptions(options: AugmentSettings): AugmentSettings {
  const given: Readonly<Record<string, unknown>> = { ...options };
  return Object.fromEntries(
    augmentOptionNames.map((name) => [name, given[name]]),
  ) as AugmentSettings;
}
