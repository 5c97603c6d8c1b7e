/** What a run holds between steps, in memory and in a checkpoint: weights, optimizer, average. */
import { createEma, type Ema } from "../optim/ema.ts";
import { createOptimizer, type Optimizer } from "../optim/optimizer.ts";
import type { NamedArrays } from "../optim/updateRule.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  copyInto,
  emaPrefix,
  optimizerPrefix,
  weightsOf,
  withPrefix,
} from "../run/checkpoint.node.ts";
import type { RunConfig } from "../run/config.ts";
import { optimizerOptions } from "../run/recipe.ts";
import type { NamedTensors } from "../network/engine.ts";
import type { TrainingModel } from "../network/trainingModel.ts";

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
  config: RunConfig,
  model: TrainingModel,
  checkpoint?: NamedTensors,
): TrainingState {
  const { shapes } = model;
  const weights = new Map([...model.parameters, ...model.buffers]);
  if (checkpoint) copyInto(weights, weightsOf(checkpoint), shapes, "checkpoint");
  const optimizer = createOptimizer(optimizerOptions(config.training), model.parameters);
  // An average starts from the weights, so those must be in place first.
  const ema = config.training.ema ? createEma(weights, config.training.ema) : undefined;
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
