/** What a configuration says of the network, in the form that a checkpoint keeps and the engine takes. */
import { sizedOptions } from "../models/network.ts";
import { networkNamed } from "../models/registry.ts";
import type { LossOptions } from "../losses/segmentationLoss.ts";
import type { TrainingSetup } from "../network/engine.ts";
import type { NetworkFacts } from "../network/facts.ts";
import { valueRangeOf } from "./valueRange.ts";
import type { RunConfig } from "./config.ts";

/** The facts of a configuration's network; what is left to the data set is taken as one class of areas. */
export function factsOf({ network, data }: Pick<RunConfig, "network" | "data">): NetworkFacts {
  const { name, size, options } = network;
  const instances = data.instances ?? false;
  return {
    network: { name, options: { ...sizedOptions(networkNamed(name), size, options) } },
    labels: { classes: data.classes ?? 1, names: data.classNames ?? [], instances },
    input: {
      size: data.size,
      fit: data.fit ?? (instances ? "crop" : "resize"),
      zoom: data.zoom,
      values: valueRangeOf(data),
    },
  };
}

/** Network and preset of a run in a few words, for titles. */
export const nameOfRun = ({ network, preset }: Pick<RunConfig, "network" | "preset">): string =>
  `${networkNamed(network.name).title}, preset ${preset}`;

/** The configuration as the engine takes it to train. */
export function trainingSetup(config: RunConfig): TrainingSetup {
  const { training, runtime } = config;
  const { seed, weights, encoderWeights, freezeEncoder } = training;
  const { device, threads, saveMemory = false } = runtime;
  return {
    facts: factsOf(config),
    loss: lossOptions(training),
    ...{ seed, weights, encoderWeights, freezeEncoder, device, threads, saveMemory },
  };
}

function lossOptions(training: RunConfig["training"]): LossOptions {
  const { loss, lossTerms, lambda, deepSupervision, classWeights } = training;
  return {
    ...(loss === "common" && { common: true }),
    lambda: lossTerms.includes("edge") ? lambda : 0,
    crossEntropy: lossTerms.includes("bce"),
    dice: lossTerms.includes("dice"),
    deepSupervision,
    ...(classWeights && { classWeights }),
  };
}
