/** The defaults of every option but the network's, by preset: the one table of recipes. */
import { augmentDefaults } from "../data/augment/augmentOptions.ts";
import type { RunConfig } from "./configSchema.ts";
import type { PresetName } from "./runtimeOptions.ts";

type Defaults = Pick<RunConfig, "training" | "runtime"> & {
  readonly data: Omit<RunConfig["data"], "path">;
};

/** The paper's recipe, sections 4 and 5 of its text; what it leaves open is plain or off. */
const paper: Defaults = {
  data: {
    labels: "auto",
    size: 256,
    zoom: 1,
    validation: 0.1,
    // Flips and rotations of +-20 degrees; everything else is off.
    ...augmentDefaults,
  },
  training: {
    epochs: 50,
    batchSize: 16,
    // A whole batch at 256 x 256 takes some 22 GB; two halves stay below 13 GB.
    microBatch: 8,
    optimizer: "adam",
    learningRate: 1e-4,
    weightDecay: 0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    momentum: 0.9,
    nesterov: false,
    schedule: "polynomial",
    scheduleUnit: "epoch",
    schedulePower: 0.9,
    scheduleFloor: 0,
    dropEvery: 30,
    dropFactor: 0.1,
    warmup: 0,
    clipNorm: 0,
    clipValue: 0,
    ema: 0,
    lambda: 3,
    lossTerms: ["bce", "dice", "edge"],
    deepSupervision: true,
    freezeEncoder: false,
    patience: 0,
    seed: 0,
  },
  runtime: { device: "auto", threads: 0, checkpointMinutes: 10 },
};

export const presets: Readonly<Record<PresetName, Defaults>> = {
  paper,
  compact: {
    ...paper,
    data: { ...paper.data, size: 128 },
    training: {
      ...paper.training,
      epochs: 30,
      batchSize: 8,
      microBatch: 0,
      optimizer: "adamW",
      learningRate: 1e-3,
      weightDecay: 0.01,
      schedule: "cosine",
      scheduleUnit: "step",
      warmup: 0.05,
      clipNorm: 1,
      ema: 0.99,
    },
  },
};
