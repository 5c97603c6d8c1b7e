/** Optimizers: parameters and state are named Float32Arrays, updated in place. */
import { adamRule, type AdamOptions } from "./adam.ts";
import { adamWRule, type AdamWOptions } from "./adamW.ts";
import { momentumSgdRule, type MomentumSgdOptions } from "./momentumSgd.ts";
import { checkSame, type NamedArrays, type UpdateRule } from "./updateRule.ts";

/** Which optimizer, and its settings; the defaults are PyTorch's. */
export type OptimizerOptions =
  | ({ readonly name: "adam" } & AdamOptions)
  | ({ readonly name: "adamW" } & AdamWOptions)
  | ({ readonly name: "momentumSgd" } & MomentumSgdOptions);

/** An optimizer over fixed parameters. */
export interface Optimizer {
  /**
   * One step: updates the parameters in place.
   *
   * @param gradients     one for each parameter, of its length
   * @param learningRate  the rate of this step
   * @throws {ArgumentError} if a gradient is missing, unexpected or of another length; nothing is
   *   changed then.
   */
  step(gradients: NamedArrays, learningRate: number): void;
  /** Live state for a checkpoint, to be read and written: `<slot>.<parameter>`, and `step`, one number (exact to 2^24). */
  readonly state: NamedArrays;
}

/**
 * An optimizer that updates `parameters` in place.
 *
 * @param options     the rule and its settings
 * @param parameters  arrays to train; kept by reference
 */
export function createOptimizer(options: OptimizerOptions, parameters: NamedArrays): Optimizer {
  const rule = ruleOf(options);
  const stepCount = new Float32Array(1);
  const state = new Map<string, Float32Array>([["step", stepCount]]);
  const slotsOf = new Map<string, Float32Array[]>();
  for (const [name, values] of parameters) {
    const slots = rule.slots.map(() => new Float32Array(values.length));
    slotsOf.set(name, slots);
    rule.slots.forEach((slot, i) => state.set(`${slot}.${name}`, slots[i]!));
  }
  return {
    state,
    step(gradients, learningRate) {
      checkSame(gradients, parameters, "gradients");
      const step = ++stepCount[0]!;
      for (const [name, values] of parameters) {
        rule.update(values, gradients.get(name)!, slotsOf.get(name)!, learningRate, step);
      }
    },
  };
}

function ruleOf(options: OptimizerOptions): UpdateRule {
  switch (options.name) {
    case "adam":
      return adamRule(options);
    case "adamW":
      return adamWRule(options);
    case "momentumSgd":
      return momentumSgdRule(options);
  }
}
