/** The options of opening a data set, which every command that reads one has. */
import { z } from "zod";
import { labelKinds, preferable } from "../data/dataset.ts";

export const labelsOption = z
  .enum(labelKinds)
  .describe("what mask files of folders hold; auto: looked up in some of them");

export const preferOption = z
  .enum(preferable)
  .optional()
  .describe(
    "of images that differ in their extension alone, the one to take (default: refuse both)",
  );

/** With defaults, for commands; a run's configuration has those of its preset. */
export const openingOptions = {
  labels: labelsOption.default("auto"),
  prefer: preferOption,
};
