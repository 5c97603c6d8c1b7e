/** Small layers: activations with parameters, dropout, layer scale. */
import type { Value } from "../graph/value.ts";
import { mul } from "../ops/mul.ts";
import { prelu as slopeBelowZero } from "../ops/prelu.ts";
import { block, type Scope } from "./scope.ts";

/** ReLU with one trained slope for negative values, 0.25 at first. */
export const prelu = block((p: Scope, x: Value): Value =>
  slopeBelowZero(x, p.parameter("weight", [1], { kind: "constant", value: 0.25 })),
);

/**
 * While training, sets a share `rate` of the entries to 0 and scales the others by 1 / (1 - rate); otherwise nothing.
 *
 * The mask is fed by the training step, drawn from seed and step, so that a resumed run repeats it exactly.
 *
 * @see Srivastava et al. 2014
 */
export const dropout = (p: Scope, x: Value, rate: number): Value =>
  p.training && rate > 0 ? mul(x, p.noise("mask", x.shape, rate)) : x;

/**
 * While training, leaves out whole images of a residual branch, a share `rate` of them, and scales the others by 1 / (1 - rate).
 *
 * @param x  [N, ...], what is added to the shortcut
 * @see Huang et al. 2016, stochastic depth
 */
export const dropPath = (p: Scope, x: Value, rate: number): Value =>
  p.training && rate > 0
    ? mul(x, p.noise("mask", [x.shape[0]!, ...x.shape.slice(1).map(() => 1)], rate))
    : x;

/**
 * A trained factor for each channel, Y[..., c] = s[c] X[..., c].
 *
 * @param x      [..., C], channels last
 * @param name   of the parameter in `p`
 * @param start  initial factor
 * @see Touvron et al. 2021 (CaiT)
 */
export function layerScale(p: Scope, name: string, x: Value, start: number): Value {
  const factor = p.parameter(name, [x.shape.at(-1)!], { kind: "constant", value: start });
  return mul(x, factor);
}
