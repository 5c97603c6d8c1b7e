/** The graphs of a run: training step, evaluation, prediction. */
import { backward } from "../autodiff/backward.ts";
import { graphOf, type Graph } from "../graph/graph.ts";
import { input, type Value } from "../graph/value.ts";
import { probabilities } from "../losses/probabilities.ts";
import { sgdNetLoss, type LossTerms, type SgdNetLossOptions } from "../losses/sgdNetLoss.ts";
import { networkPresets, type NetworkName } from "../models/networkPresets.ts";
import { sgdNet, type SgdNetOptions, type SgdNetOutputs } from "../models/sgdNet.ts";
import { Scope, type NoiseSpec, type ParameterSpec } from "../nn/scope.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { slice } from "../ops/slice.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The network and its input. */
export interface NetworkShape {
  readonly options: SgdNetOptions;
  /** Images at a time. */
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  /** Whether the edge head's target comes with the mask, as its last channel. Default false. */
  readonly boundary?: boolean;
}

/** Output channels: one for a single class against the background, else one a class and one for the background. */
export const channelsOf = (classes: number): number => (classes === 1 ? 1 : classes + 1);

/** What a preset and the model options of a run mean for `sgdNet`. */
export function networkOptions(
  preset: NetworkName,
  model: {
    readonly classes?: number | undefined;
    readonly stitchVariant: "released" | "corrected";
    readonly sgdcVariant: "released" | "paper";
    readonly gradient: "channel-sum" | "per-channel";
  },
): SgdNetOptions {
  const base = networkPresets[preset];
  return {
    ...base,
    classes: channelsOf(model.classes ?? 1),
    stitchVit: { ...base.stitchVit, variant: model.stitchVariant },
    sgdc: { ...base.sgdc, variant: model.sgdcVariant },
    sge: { ...base.sge, gradient: model.gradient },
  };
}

/** Names, shapes and initial values of everything the network holds, in the order of its modules. */
export function networkParameters(options: SgdNetOptions): ParameterSpec[] {
  const { scope, registry } = Scope.root({ kind: "evaluate" });
  sgdNet(scope, input("image", [1, 3, 64, 64]), options);
  return [...registry.parameters.values()].map(({ spec }) => spec);
}

export interface TrainingGraph {
  readonly graph: Graph;
  /** Names of the parameters that have a gradient; output `grad/<name>`. */
  readonly trained: readonly string[];
  /** Names of the buffers that change; output `after/<name>`. */
  readonly updated: readonly string[];
  /** Names of the loss terms, `total` included; output `loss/<name>`. */
  readonly terms: readonly string[];
  readonly noise: readonly NoiseSpec[];
}

/** The loss terms against the input `mask`. */
function lossOf(
  outputs: SgdNetOutputs,
  { options, batch, height, width, boundary = false }: NetworkShape,
  loss: SgdNetLossOptions,
): LossTerms {
  const channels = options.classes ?? 1;
  if (!boundary) return sgdNetLoss(outputs, input("mask", [batch, channels, height, width]), loss);
  const target = input("mask", [batch, channels + 1, height, width]);
  return sgdNetLoss(outputs, slice(target, 1, 0, channels), {
    ...loss,
    boundary: slice(target, 1, channels, channels + 1),
  });
}

/**
 * One training step: loss terms, gradients of all parameters but the frozen ones, new running statistics.
 *
 * Inputs: `image` [N, 3, H, W], `mask` [N, C, H, W] (and the boundary as one channel more), parameters and buffers under their names, noise.
 *
 * @param frozen  parameters that get no gradient
 */
export function trainingGraph(
  shape: NetworkShape,
  loss: SgdNetLossOptions,
  frozen: (name: string) => boolean = () => false,
): TrainingGraph {
  const { options, batch, height, width } = shape;
  const { scope, registry } = Scope.root({ kind: "train" });
  const made = sgdNet(scope, input("image", [batch, 3, height, width]), options);
  const terms = lossOf(made, shape, loss);
  const parameters = [...registry.parameters.values()].filter(
    ({ spec }) => spec.trained && !frozen(spec.name),
  );
  const gradients = backward(
    terms.total,
    parameters.map(({ value }) => value),
  );
  const outputs: Record<string, Value> = {};
  for (const [name, value] of Object.entries(terms)) outputs[`loss/${name}`] = value;
  const trained: string[] = [];
  for (const [i, { spec }] of parameters.entries()) {
    const gradient = gradients[i];
    // Heads that the chosen loss does not reach keep their weights.
    if (!gradient) continue;
    outputs[`grad/${spec.name}`] = gradient;
    trained.push(spec.name);
  }
  for (const [name, value] of registry.updates) {
    if (!frozen(name)) outputs[`after/${name}`] = value;
  }
  return {
    graph: graphOf("training", outputs),
    trained,
    updated: [...registry.updates.keys()].filter((name) => !frozen(name)),
    terms: Object.keys(terms),
    noise: [...registry.noise.values()],
  };
}

/** Loss terms (`loss/<name>`) and `probability` [N, C, H, W] with running statistics; weights are inputs. */
export function evaluationGraph(
  shape: NetworkShape,
  loss: SgdNetLossOptions,
): { graph: Graph; terms: readonly string[] } {
  const { options, batch, height, width } = shape;
  const { scope } = Scope.root({ kind: "evaluate" });
  const made = sgdNet(scope, input("image", [batch, 3, height, width]), options);
  const terms = lossOf(made, shape, loss);
  const outputs: Record<string, Value> = { probability: probabilities(made.o1) };
  for (const [name, value] of Object.entries(terms)) outputs[`loss/${name}`] = value;
  return { graph: graphOf("evaluation", outputs), terms: Object.keys(terms) };
}

/** Extra maps of a prediction. */
export interface PredictionMaps {
  /** Also give `edge` [N, 1, H, W], in 0..1. */
  readonly edge?: boolean;
  /** Also give `guidance` [N, G, H / 4, W / 4]. */
  readonly guidance?: boolean;
}

/**
 * `probability` [N, C, H, W] from `image`; weights are constants, and what the prediction does not need (o2, o3, and the edge head
 * unless asked for) is not computed.
 */
export function predictionGraph(
  { options, batch, height, width }: NetworkShape,
  weights: ReadonlyMap<string, Tensor>,
  maps: PredictionMaps = {},
): Graph {
  const { scope } = Scope.root({ kind: "predict", weights });
  const made = sgdNet(scope, input("image", [batch, 3, height, width]), options);
  return graphOf("prediction", {
    probability: probabilities(made.o1),
    ...(maps.edge ? { edge: sigmoid(made.edge) } : {}),
    ...(maps.guidance ? { guidance: made.guidance } : {}),
  });
}
