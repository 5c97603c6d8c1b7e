/** What a run holds between steps, in memory and in a checkpoint: weights, optimizer, average. */
import { DataError } from "../base/errors.ts";
import { createEma, type Ema } from "../optim/ema.ts";
import { createOptimizer, type Optimizer, type OptimizerOptions } from "../optim/optimizer.ts";
import type { NamedArrays } from "../optim/updateRule.ts";
import { sameShape, showShape, type Shape } from "../tensor/shape.ts";
import type { NamedTensors, Tensor } from "../tensor/tensor.ts";
import type { TrainingModel } from "../network/trainingModel.ts";

/** Prefixes of arrays that are no weights; weights have their PyTorch names. */
export const optimizerPrefix = "optimizer.";
export const emaPrefix = "ema.";

export interface TrainingState {
  /** Parameters and buffers of the model, by reference. */
  readonly weights: NamedArrays;
  readonly optimizer: Optimizer;
  /** Absent if the configuration asks for no average. */
  readonly ema: Ema | undefined;
  /** Shapes of `weights`. */
  readonly shapes: ReadonlyMap<string, Shape>;
}

/**
 * The state at the start of a run, or that of a checkpoint, which is copied into the model.
 *
 * @throws {DataError} if the checkpoint's tensors are not those of the model.
 */
export function createTrainingState(
  settings: { readonly optimizer: OptimizerOptions; readonly ema?: number },
  model: TrainingModel,
  checkpoint?: NamedTensors,
): TrainingState {
  const { shapes } = model;
  const weights = new Map([...model.parameters, ...model.buffers]);
  if (checkpoint) copyInto(weights, weightsOf(checkpoint), shapes, "checkpoint");
  const optimizer = createOptimizer(settings.optimizer, model.parameters);
  // An average starts from the weights, so those must be in place first.
  const ema = settings.ema ? createEma(weights, settings.ema) : undefined;
  const state = { weights, optimizer, ema, shapes };
  if (checkpoint) {
    for (const [prefix, arrays] of statesOf(state)) {
      const own = new Map(
        [...arrays].map(([name, data]) => [name, stateShape(name, data, shapes)]),
      );
      copyInto(arrays, withPrefix(checkpoint, prefix), own, "checkpoint");
    }
  }
  return state;
}

/** Everything as tensors under the names of a checkpoint; nothing is copied. */
export function stateTensors(state: TrainingState): NamedTensors {
  const tensors = new Map(weightTensors(state));
  for (const [prefix, arrays] of statesOf(state)) {
    for (const [name, data] of arrays) {
      const shape = stateShape(name, data, state.shapes);
      tensors.set(prefix + name, { dtype: "float32", shape, data });
    }
  }
  return tensors;
}

/** The weights alone as tensors; nothing is copied. */
export const weightTensors = ({ weights, shapes }: TrainingState): NamedTensors =>
  new Map(
    [...weights].map(([name, data]): [string, Tensor<"float32">] => [
      name,
      { dtype: "float32", shape: shapes.get(name) ?? [data.length], data },
    ]),
  );

const statesOf = ({ optimizer, ema }: TrainingState): [prefix: string, arrays: NamedArrays][] => [
  [optimizerPrefix, optimizer.state],
  ...(ema ? [[emaPrefix, ema.state] as [string, NamedArrays]] : []),
];

/** State is named `<weight>` or `<slot>.<weight>` and has that weight's shape; counters have [1]. */
function stateShape(name: string, data: Float32Array, shapes: ReadonlyMap<string, Shape>): Shape {
  return shapes.get(name) ?? shapes.get(name.slice(name.indexOf(".") + 1)) ?? [data.length];
}

/** The weights to predict with: the averaged ones where the run kept an average. */
export function inferenceWeights(tensors: NamedTensors): NamedTensors {
  const weights = [...tensors].filter(([name]) => isWeight(name));
  return new Map(weights.map(([name, value]) => [name, tensors.get(emaPrefix + name) ?? value]));
}

const isWeight = (name: string): boolean =>
  !name.startsWith(optimizerPrefix) && !name.startsWith(emaPrefix);

/**
 * Copies tensors into arrays of the same names.
 *
 * @param shapes  what the shapes must be; by default only the number of values is looked at
 * @param file    begins the message
 * @throws {DataError} naming every missing, unexpected and misshapen tensor; nothing is copied then.
 */
function copyInto(
  arrays: ReadonlyMap<string, Float32Array>,
  tensors: NamedTensors,
  shapes: ReadonlyMap<string, Shape>,
  file: string,
): void {
  const problems: string[] = [];
  for (const [name, { length }] of arrays) {
    const shape = shapes.get(name) ?? [length];
    const got = tensors.get(name);
    if (!got) problems.push(`missing "${name}" ${showShape(shape)}`);
    else if (!sameShape(got.shape, shape)) {
      problems.push(`"${name}" must be ${showShape(shape)}, got ${showShape(got.shape)}`);
    }
  }
  for (const name of tensors.keys()) {
    if (!arrays.has(name)) problems.push(`unexpected "${name}"`);
  }
  if (problems.length > 0) {
    const shown = problems.slice(0, 12).join("\n  ");
    const more = problems.length > 12 ? `\n  and ${problems.length - 12} more` : "";
    throw new DataError(
      `${file}: tensors must be those of the network, got ${problems.length} that are not:\n  ${shown}${more}`,
    );
  }
  for (const [name, values] of arrays) values.set(tensors.get(name)!.data);
}

/** Tensors whose names begin with `prefix`, without it. */
const withPrefix = (tensors: NamedTensors, prefix: string): NamedTensors =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );

/** Tensors that are weights: no state of the optimizer or the average. */
const weightsOf = (tensors: NamedTensors): NamedTensors =>
  new Map([...tensors].filter(([name]) => isWeight(name)));
