/** Options of commands that take a network in another precision. */
import { z } from "zod";
import { folderOption } from "../base/options.ts";
import { precisions } from "../export/metadata.ts";

export const precisionOption = z
  .enum(precisions)
  .describe("of the weights; int8: convolutions in whole numbers");

export const calibrateOption = folderOption(
  "with int8: at least 4 images like those to be predicted, to take ranges from",
);
