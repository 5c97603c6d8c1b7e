/** The options of splits that several commands share. */
import { z } from "zod";
import { splitPools } from "../data/splits/split.ts";

export const splitOptions = {
  shuffle: z
    .boolean()
    .default(false)
    .describe("draw folds at random instead of cutting the sorted names"),
  group: z
    .string()
    .min(1)
    .optional()
    .describe(
      "what must stay together: a pattern on names whose first (...) is the group, or a .csv or .json table (default: what the data set tells)",
    ),
  pool: z
    .enum(splitPools)
    .default("train")
    .describe("parts of the data set that are split; its own test part only with all"),
};
