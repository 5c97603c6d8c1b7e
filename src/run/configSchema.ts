/** The schema of a training run's configuration: every option, its range and its description. */
import { z } from "zod";
import { fits } from "../data/loader/networkInput.ts";
import { NETWORKS } from "../models/networkPresets.ts";
import { augmentOptionsSchema } from "./augmentOptions.ts";
import { labelsOption, preferOption } from "./dataOptions.ts";
import { deviceOption, threadsOption } from "./runtimeOptions.ts";

/** Numbers of things that are made at once end somewhere: a slip of the keyboard must not take all memory. */
const whole = (low: number, high = Number.MAX_SAFE_INTEGER): z.ZodNumber =>
  high === Number.MAX_SAFE_INTEGER ? z.int().min(low) : z.int().min(low).max(high);
const share = z.number().min(0).max(1);

export const modelSchema = z.strictObject({
  classes: whole(1, 255)
    .optional()
    .describe("classes besides the background; 1 joins all (default: the data set's)"),
  stitchVariant: z
    .enum(["released", "corrected"])
    .describe("StitchViT: parts left where the released code leaves them, or put back in place"),
  sgdcVariant: z
    .enum(["released", "paper"])
    .describe("SGDC as released (with LayerScale), or by equations 2 to 4"),
  gradient: z
    .enum(["channel-sum", "per-channel"])
    .describe("edges from the channel sum (released) or from each channel (equation 1)"),
});

export const sizeOption = z
  .int()
  .min(64)
  .max(4096)
  .multipleOf(32)
  .describe("height and width that the network sees, pixels");

const dataSchema = z.strictObject({
  path: z.string().min(1).describe("folder of the data set"),
  labels: labelsOption,
  prefer: preferOption,
  classNames: z
    .array(z.string().min(1))
    .optional()
    .describe("names of the classes (default: the data set's)"),
  instances: z
    .boolean()
    .optional()
    .describe(
      "learn boundaries between touching objects and tell them apart (default: if the labels do)",
    ),
  size: sizeOption,
  fit: z
    .enum(fits)
    .optional()
    .describe(
      "show the network whole images resized, or parts at their own scale (default: crop for instances, else resize)",
    ),
  zoom: z
    .number()
    .min(0.125)
    .max(8)
    .describe("with fit crop: pixels of the network that a pixel of the image becomes"),
  validation: z.number().min(0).lt(1).describe("share of the training images kept for validation"),
  split: z
    .string()
    .min(1)
    .optional()
    .describe("file of a split to use instead, as split.json of a run"),
  workers: whole(0, 256).optional().describe("threads that read images (default: by the cores)"),
  ...augmentOptionsSchema.shape,
});

const trainingSchema = z.strictObject({
  epochs: whole(1).describe("passes over the training images"),
  batchSize: whole(1, 65_536).describe("images an optimizer step"),
  microBatch: whole(0, 65_536).describe(
    "images in memory at a time, a divisor of the batch; 0: all of it",
  ),
  optimizer: z.enum(["adam", "adamW", "momentumSgd"]).describe("update rule"),
  learningRate: z.number().positive().describe("learning rate at the start, after warm-up"),
  weightDecay: z.number().min(0).describe("L2 penalty; with adamW decoupled"),
  beta1: z.number().min(0).lt(1).describe("adam: decay of the mean gradient"),
  beta2: z.number().min(0).lt(1).describe("adam: decay of the mean squared gradient"),
  epsilon: z.number().positive().describe("adam: added to the denominator"),
  momentum: z.number().min(0).lt(1).describe("momentumSgd: share of the last step that is kept"),
  nesterov: z.boolean().describe("momentumSgd: look ahead along the momentum"),
  schedule: z
    .enum(["polynomial", "cosine", "constant", "step"])
    .describe("how the learning rate falls"),
  scheduleUnit: z.enum(["epoch", "step"]).describe("whether it falls by the epoch or by the step"),
  schedulePower: z.number().positive().describe("polynomial: exponent"),
  scheduleFloor: share.describe("cosine: the last rate, as a share of the first"),
  dropEvery: whole(1).describe("step: epochs between drops"),
  dropFactor: z.number().gt(0).max(1).describe("step: factor of each drop"),
  warmup: z.number().min(0).lt(1).describe("share of the run in which the rate rises from near 0"),
  clipNorm: z.number().min(0).describe("largest norm of all gradients together; 0: no limit"),
  clipValue: z.number().min(0).describe("largest size of a gradient's entries; 0: no limit"),
  ema: z.number().min(0).lt(1).describe("decay of the averaged weights; 0: no averaging"),
  classWeights: z
    .array(z.number().min(0))
    .optional()
    .describe("several classes: weight of each in the cross-entropy, the background first"),
  lambda: z.number().min(0).describe("weight of the edge loss"),
  lossTerms: z
    .array(z.enum(["bce", "dice", "edge"]))
    .min(1)
    .describe("terms of the loss"),
  deepSupervision: z.boolean().describe("whether all three heads are trained, or the last alone"),
  weights: z
    .string()
    .min(1)
    .optional()
    .describe("safetensors file of weights of the whole network to start from"),
  encoderWeights: z
    .string()
    .min(1)
    .optional()
    .describe("safetensors file of Res2Net-50 v1b weights to start the encoder from"),
  freezeEncoder: z.boolean().describe("keep the encoder's weights as they are"),
  patience: whole(0).describe("stop after this many epochs without a better Dice; 0: never"),
  seed: whole(0).describe("seed of every random number"),
});

const runtimeSchema = z.strictObject({
  device: deviceOption,
  threads: threadsOption,
  checkpointMinutes: z
    .number()
    .positive()
    .describe("longest time within an epoch without a checkpoint"),
});

export const runSchema = z.strictObject({
  preset: z.enum(NETWORKS).describe("the paper's network and recipe, or a small one for CPUs"),
  model: modelSchema,
  data: dataSchema,
  training: trainingSchema,
  runtime: runtimeSchema,
});

/** Everything a run is made of, all defaults filled in. */
export type RunConfig = z.output<typeof runSchema>;

/** The part that decides the network. */
export type ModelConfig = RunConfig["model"];
