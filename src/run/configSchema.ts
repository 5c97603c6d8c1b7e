/** The schema of a training run's configuration: every option, its range and its description. */
import { z } from "zod";
import { fileOption, folderOption } from "../base/options.ts";
import { normaliseModes } from "../data/images/valueRange.ts";
import { fits } from "../data/loader/networkInput.ts";
import type { NetworkOptions } from "../models/network.ts";
import { networkNames, networks } from "../models/registry.ts";
import { augmentOptionsSchema } from "./augmentOptions.ts";
import { labelsOption, preferOption } from "./dataOptions.ts";
import { deviceOption, presetNames, threadsOption } from "./runtimeOptions.ts";

/** Numbers of things that are made at once end somewhere: a slip of the keyboard must not take all memory. */
const whole = (low: number, high = Number.MAX_SAFE_INTEGER): z.ZodNumber =>
  high === Number.MAX_SAFE_INTEGER ? z.int().min(low) : z.int().min(low).max(high);
const share = z.number().min(0).max(1);

export const presetOption = z
  .enum(presetNames)
  .describe("the recipe, and a size of that name where the network has one");

const networkName = z.enum(networkNames).meta({ flag: "network" }).describe("see sgdc networks");

const networkSize = z
  .string()
  .optional()
  .meta({ flag: "network-size" })
  .describe(
    `named size of the network (default: that of the preset's name, else the first): ${networks
      .map(({ name, sizes }) => `${name}: ${Object.keys(sizes).join(", ")}`)
      .join("; ")}`,
  );

/** The part of a configuration that decides the network, with the options of one network or any. */
export const networkSection = <Options extends z.ZodType>(options: Options) =>
  z.strictObject({ name: networkName, size: networkSize, options });

/** The same with nothing that must be given. */
export const networkChoice = <Options extends z.ZodType>(options: Options) =>
  networkSection(options.optional()).partial({ name: true }).optional();

/**
 * The options of all networks that can be given as flags: those that are no tables. Options of one name in several networks are one
 * flag, which tells what each takes it for, and offers the choices of all.
 */
export function flagsOfNetworks(): z.ZodObject {
  const flags = new Map<string, { fields: z.ZodType[]; of: Map<string, string[]> }>();
  for (const { name, options } of networks) {
    for (const [key, field] of Object.entries<z.ZodType>(options.shape)) {
      const inner = valueOf(field);
      if (inner instanceof z.ZodObject || inner instanceof z.ZodTuple) continue;
      const { fields, of } = flags.get(key) ?? { fields: [], of: new Map<string, string[]>() };
      const about = field.description ?? "";
      flags.set(key, { fields: [...fields, field], of });
      of.set(about, [...(of.get(about) ?? []), name]);
    }
  }
  return z.strictObject(
    Object.fromEntries(
      [...flags].map(([key, { fields, of }]) => {
        const meanings = [...of].map(([about, names]) => `${names.join(", ")}: ${about}`);
        return [key, joined(fields).describe(meanings.join("; "))];
      }),
    ),
  );
}

const valueOf = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodOptional || field instanceof z.ZodExactOptional
    ? (field.unwrap() as z.ZodType)
    : field;

/** One field for several of a name: of choices, all of them. */
function joined(fields: readonly z.ZodType[]): z.ZodType {
  const choices = fields.map(valueOf).filter((field) => field instanceof z.ZodEnum);
  return choices.length < fields.length || fields.length === 1
    ? fields[0]!
    : z.enum([...new Set(choices.flatMap(({ options }) => options.map(String)))]).optional();
}

export const imageSizeOption = z
  .int()
  .min(1)
  .max(4096)
  .describe("height and width that the network sees, pixels");

const dataSchema = z.strictObject({
  path: folderOption("folder of the data set"),
  classes: whole(1, 255)
    .optional()
    .describe("classes besides the background; 1 joins all (default: the data set's)"),
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
  size: imageSizeOption,
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
  normalise: z
    .enum(normaliseModes)
    .optional()
    .describe(
      "which stored values become black and white: fixed by the file's depth, the 1st and 99th percentile of each image, or of the data set (default: fixed)",
    ),
  normaliseRange: z
    .array(z.number().min(0).max(65535))
    .length(7)
    .optional()
    .describe(
      "with normalise dataset: bits, then low and high of red, green, blue (default: measured on the training images)",
    ),
  validation: z.number().min(0).lt(1).describe("share of the training images kept for validation"),
  split: fileOption("file of a split to use instead, as split.json of a run").optional(),
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
  loss: z
    .enum(["own", "common"])
    .optional()
    .describe(
      "the network's own loss if it has one, or the common one all the same, as comparisons on equal terms want it (default: own)",
    ),
  lossTerms: z
    .array(z.enum(["bce", "dice", "edge"]))
    .min(1)
    .describe(
      "terms of the loss: cross-entropy (binary for one class, over all of them for several), soft Dice, the edge head's",
    ),
  deepSupervision: z
    .boolean()
    .describe("whether auxiliary heads are trained too, or the last alone"),
  weights: fileOption("safetensors file of weights of the whole network to start from").optional(),
  encoderWeights: fileOption(
    "safetensors file of published weights to start the encoder from, e.g. Res2Net-50 v1b",
  ).optional(),
  freezeEncoder: z.boolean().describe("keep the encoder's weights as they are"),
  patience: whole(0).describe("stop after this many epochs without a better Dice; 0: never"),
  seed: whole(0).describe("seed of every random number"),
});

const runtimeSchema = z.strictObject({
  device: deviceOption,
  threads: threadsOption,
  saveMemory: z
    .boolean()
    .optional()
    .describe("train in less memory and more time, with the same results (default: false)"),
  checkpointMinutes: z
    .number()
    .positive()
    .describe("longest time within an epoch without a checkpoint"),
});

/** The schema of a whole configuration, for one network's options or any. */
export const runSchemaWith = <Options extends z.ZodType>(options: Options) =>
  z.strictObject({
    preset: presetOption,
    network: networkSection(options),
    data: dataSchema,
    training: trainingSchema,
    runtime: runtimeSchema,
  });

/** Everything a run is made of, all defaults filled in; of the network, the options that differ from its named size. */
export type RunConfig = z.output<ReturnType<typeof runSchemaWith<AnyOptions>>>;

type AnyOptions = z.ZodType<NetworkOptions>;
