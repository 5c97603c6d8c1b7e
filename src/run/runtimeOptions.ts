/** Options that several commands share. */
import { z } from "zod";
import { fileOption } from "../base/options.ts";
import { networkNames } from "../models/registry.ts";
import { DEVICES } from "../runtime/session.ts";

/** The recipes, see `presets.ts`. */
export const presetNames = ["paper", "compact"] as const;
export type PresetName = (typeof presetNames)[number];

export const deviceOption = z.enum(DEVICES).describe("where the network runs");

export const threadsOption = z
  .int()
  .min(0)
  .max(1024)
  .describe("threads of the engine; 0: one a core");

export const checkpointOption = fileOption("checkpoint file, or folder of a run");

/** What a file of plain weights (PyTorch names) is of; a checkpoint brings its own network. */
export const plainOptions = {
  preset: z
    .enum(presetNames)
    .optional()
    .describe("plain weights (PyTorch names): preset whose network and size they are of"),
  network: z
    .enum(networkNames)
    .optional()
    .describe("plain weights: their network (default: that of the preset)"),
  networkSize: z.string().optional().describe("plain weights: named size of their network"),
};

export const ttaOption = z.boolean().describe("average over flips: four times the work");

export const thresholdOption = z
  .number()
  .min(0)
  .max(1)
  .describe("probability from which a pixel is foreground");

export const nsdToleranceOption = z
  .number()
  .min(0)
  .describe("tolerance of the surface Dice, in the distances' unit");
