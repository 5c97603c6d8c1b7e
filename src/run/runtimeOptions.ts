/** Options that several commands share. */
import { z } from "zod";
import { NETWORKS } from "../models/networkPresets.ts";
import { DEVICES } from "../runtime/session.ts";

export const deviceOption = z.enum(DEVICES).describe("where the network runs");

export const threadsOption = z
  .int()
  .min(0)
  .max(1024)
  .describe("threads of the engine; 0: one a core");

export const checkpointOption = z.string().min(1).describe("checkpoint file, or folder of a run");

export const plainPresetOption = z
  .enum(NETWORKS)
  .optional()
  .describe("network of a file of plain weights (PyTorch names); a checkpoint brings its own");

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
