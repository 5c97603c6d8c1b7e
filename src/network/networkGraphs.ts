/** The graphs of a run: training step, evaluation, prediction. */
import { backward } from "../autodiff/backward.ts";
import { recompute } from "../autodiff/recompute.ts";
import { graphOf, type Graph } from "../graph/graph.ts";
import { input, type Value } from "../graph/value.ts";
import { probabilities } from "../losses/probabilities.ts";
import { segmentationLoss, type LossOptions, type LossTerms } from "../losses/segmentationLoss.ts";
import type { NetworkOutputs } from "../models/network.ts";
import { parametersInOrder, Scope, type NoiseSpec, type ParameterSpec } from "../nn/scope.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { slice } from "../ops/slice.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { traceNetwork, type ChosenNetwork } from "./facts.ts";

/** The network and its input. */
export interface NetworkShape {
  readonly network: ChosenNetwork;
  /** Images at a time. */
  readonly batch: number;
  readonly height: number;
  readonly width: number;
}

/** The outputs for `image`, an input of the graph. */
const traced = ({ network, batch, height, width }: NetworkShape, scope: Scope): NetworkOutputs =>
  traceNetwork(network, scope, input("image", [batch, 3, height, width]));

/** Names, shapes and initial values of everything the network holds, in the order of its modules; a few networks' depend on the size. */
export function networkParameters(
  network: ChosenNetwork,
  [height, width]: readonly [height: number, width: number],
): ParameterSpec[] {
  const { scope, registry } = Scope.root({ kind: "evaluate" });
  traced({ network, batch: 1, height, width }, scope);
  return parametersInOrder(registry);
}

export interface TrainingGraph {
  readonly graph: Graph;
  /** Names of the parameters that have a gradient; output `grad/<name>`. */
  readonly trained: readonly string[];
  /** The buffers that change, each with the share of its old value that stays; output `fresh/<name>` is what is added. */
  readonly updated: ReadonlyMap<string, number>;
  /** Names of the loss terms, `total` included; output `loss/<name>`. */
  readonly terms: readonly string[];
  readonly noise: readonly NoiseSpec[];
}

/** Planes of a mask: those of the prediction, and the boundaries between objects where they are told apart. */
export const planesOf = ({ channels = 1, instances = false }: ChosenNetwork): number =>
  channels + (instances ? 1 : 0);

/** Whether the graphs with a loss have the input `keyPoints` [N, 1, H, W]. */
export const wantsKeyPoints = (
  { network, channels = 1, instances = false }: ChosenNetwork,
  { common = false }: LossOptions,
): boolean => network.keyPoints === true && !common && !instances && channels === 1;

/** The loss terms against the input `mask`. */
function lossOf(
  outputs: NetworkOutputs,
  { network, batch, height, width }: NetworkShape,
  options: LossOptions,
): LossTerms {
  const { channels = 1, instances = false } = network;
  const loss = (options.common ? undefined : network.network.loss) ?? segmentationLoss;
  const target = input("mask", [batch, planesOf(network), height, width]);
  if (!instances) {
    const given = wantsKeyPoints(network, options)
      ? { ...options, keyPoints: input("keyPoints", [batch, 1, height, width]) }
      : options;
    return loss(outputs, target, given);
  }
  return loss(outputs, slice(target, 1, 0, channels), {
    ...options,
    boundary: slice(target, 1, channels, channels + 1),
  });
}

/**
 * One training step: loss terms, gradients of all parameters but the frozen ones, what running statistics move by.
 *
 * Inputs: `image` [N, 3, H, W], `mask` [N, planes, H, W] (`planesOf`), parameters and buffers under their names, noise,
 * and `keyPoints` where they are wanted (`wantsKeyPoints`).
 *
 * @param frozen  parameters that get no gradient. Running statistics follow the batches all the same: the network in training normalises
 *   with those, and one predicting with statistics that stood still would be another network.
 * @param saveMemory  compute cheap maps again in the backward half instead of keeping them: the same results in more time
 */
export function trainingGraph(
  shape: NetworkShape,
  loss: LossOptions,
  frozen: (name: string) => boolean = () => false,
  saveMemory = false,
): TrainingGraph {
  const { scope, registry } = Scope.root({ kind: "train" });
  const made = traced(shape, scope);
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
  for (const [name, { fresh }] of registry.updates) outputs[`fresh/${name}`] = fresh;
  return {
    graph: graphOf("training", saveMemory ? recompute(outputs) : outputs),
    trained,
    updated: new Map([...registry.updates].map(([name, { decay }]) => [name, decay])),
    terms: Object.keys(terms),
    noise: [...registry.noise.values()],
  };
}

/** Loss terms (`loss/<name>`) and `probability` [N, C, H, W] with running statistics; weights are inputs. */
export function evaluationGraph(
  shape: NetworkShape,
  loss: LossOptions,
): { graph: Graph; terms: readonly string[] } {
  const { scope } = Scope.root({ kind: "evaluate" });
  const made = traced(shape, scope);
  const terms = lossOf(made, shape, loss);
  const outputs: Record<string, Value> = { probability: probabilities(made.logits) };
  for (const [name, value] of Object.entries(terms)) outputs[`loss/${name}`] = value;
  return { graph: graphOf("evaluation", outputs), terms: Object.keys(terms) };
}

/**
 * `probability` [N, C, H, W] from `image`; weights are constants, and what the prediction does not need (auxiliary heads, and the
 * edge head unless asked for) is not computed.
 *
 * @param maps  also give `edge` [N, 1, H, W] in 0..1, if the network has one, and each of its maps as `map/<name>`
 */
export function predictionGraph(
  shape: NetworkShape,
  weights: ReadonlyMap<string, Tensor>,
  maps = false,
): Graph {
  const { scope } = Scope.root({ kind: "predict", weights });
  const made = traced(shape, scope);
  const outputs: Record<string, Value> = { probability: probabilities(made.logits) };
  if (maps) {
    if (made.edge) outputs["edge"] = sigmoid(made.edge);
    for (const [name, map] of Object.entries(made.maps ?? {})) outputs[`map/${name}`] = map;
  }
  return graphOf("prediction", outputs);
}
