/** The options of augmentation in a configuration: the table of `src/data/augment/augmentOptions.ts` as a schema. */
import { z } from "zod";
import {
  augmentDefaults,
  type AugmentNumber,
  augmentNumbers,
  augmentRanges,
  type AugmentSettings,
  borders,
} from "../data/augment/augmentOptions.ts";

/** A field for each number. */
const fields = <T>(
  make: (name: AugmentNumber, field: z.ZodNumber) => T,
): Record<AugmentNumber, T> =>
  Object.fromEntries(
    augmentNumbers.map((name) => {
      const { low, high, description } = augmentRanges[name];
      return [name, make(name, z.number().min(low).max(high).describe(description))];
    }),
  ) as Record<AugmentNumber, T>;

const border = z.enum(borders).describe("what is seen beyond the border");

/** Every option, without a default: in a run, the presets give those. */
export const augmentOptionsSchema = z.strictObject({
  ...fields((_, field) => field),
  border,
});

/** Every option, with the default of the table. */
export const augmentDefaultsSchema = z.strictObject({
  ...fields((name, field) => field.default(augmentDefaults[name])),
  border: border.default(augmentDefaults.border),
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
