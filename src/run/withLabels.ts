/** What a data set's labels settle in the configuration of a run. */
import type { Fit } from "../data/loader/networkInput.ts";
import { ArgumentError } from "../base/errors.ts";
import { sizedOptions } from "../models/network.ts";
import { networkNamed } from "../models/registry.ts";
import type { RunConfig } from "./config.ts";

/** Of a data set, what its labels are. */
export interface LabelKinds {
  /** Names of the classes 1 to K. */
  readonly classes: readonly string[];
  /** Whether the labels tell instances apart. */
  readonly instances: boolean;
}

/** A configuration in which nothing is left to the data set. */
export type SettledConfig = RunConfig & {
  readonly data: {
    readonly classes: number;
    readonly classNames: string[];
    readonly instances: boolean;
    readonly fit: Fit;
  };
};

/**
 * The configuration with classes, their names, instances and fit: those given, else those of the data set; and the loss without the
 * terms that the network has no head for.
 *
 * @throws {ArgumentError} if what was given does not fit the labels.
 */
export function withLabels(config: RunConfig, labels: LabelKinds): SettledConfig {
  const { network, data, training } = config;
  const found = labels.classes.length;
  const classes = data.classes ?? found;
  if (classes !== 1 && classes !== found) {
    throw new ArgumentError(
      `data.classes (--classes) must be 1, or ${found} as in the data set (${labels.classes.join(", ")}), got ${classes}`,
    );
  }
  if (data.instances && !labels.instances) {
    throw new ArgumentError(
      "data.instances (--instances) must be off for labels that do not tell instances apart, got on; give instance maps, or say --labels instances if the masks are some",
    );
  }
  const classNames = data.classNames ?? (classes === found ? [...labels.classes] : ["foreground"]);
  if (classNames.length !== classes) {
    throw new ArgumentError(
      `data.classNames (--class-names) must be ${classes} names, one a class, got ${classNames.length}: ${classNames.join(", ")}`,
    );
  }
  const { classWeights } = training;
  if (classWeights !== undefined && (classes === 1 || classWeights.length !== classes + 1)) {
    const wanted = classes === 1 ? "left out with a single class" : `${classes + 1} weights`;
    throw new ArgumentError(
      `training.classWeights (--class-weights) must be ${wanted}, the background first, got ${classWeights.length}`,
    );
  }
  const instances = data.instances ?? labels.instances;
  const fit = data.fit ?? (instances ? "crop" : "resize");
  return {
    ...config,
    data: { ...data, classes, classNames, instances, fit },
    training: { ...training, lossTerms: termsOf(network, training.lossTerms, instances) },
  };
}

type Terms = RunConfig["training"]["lossTerms"];

/** The terms that the network has heads for: without an edge head there is an edge only where objects are told apart. */
function termsOf(choice: RunConfig["network"], terms: Terms, instances: boolean): Terms {
  const { name, size, options } = choice;
  const network = networkNamed(name);
  const heads = network.heads(sizedOptions(network, size, options));
  if (instances || heads.includes("edge")) return terms;
  const kept = terms.filter((term) => term !== "edge");
  if (kept.length > 0) return kept;
  throw new ArgumentError(
    `training.lossTerms (--loss-terms) must name more than edge for ${name}, which has no edge head with these options, got ${terms.join(", ")}; take bce or dice`,
  );
}
