/** An affine map of the last axis: PyTorch's Linear. */
import type { Value } from "../graph/value.ts";
import { linear } from "../ops/linear.ts";
import { reshape } from "../ops/reshape.ts";
import { sizeOf } from "../tensor/shape.ts";
import { torchDefault, type Initializer } from "./init.ts";
import { block, type Scope } from "./scope.ts";

export interface DenseOptions {
  /** Default true. */
  readonly bias?: boolean;
  /** Initial weights. Default: uniform within 1 / sqrt(channels of x), as in PyTorch. */
  readonly weightInit?: Initializer;
  /** Initial bias; the same default. */
  readonly biasInit?: Initializer;
}

/**
 * Y[..., k] = bias[k] + sum over c of X[..., c] W[k, c], with trained `weight` [K, C] and `bias` [K].
 *
 * @param x         [..., C]
 * @param channels  K
 * @returns         [..., K]
 */
export const dense = block(
  (p: Scope, x: Value, channels: number, options: DenseOptions = {}): Value => {
    const c = x.shape.at(-1)!;
    const { bias = true, weightInit = torchDefault(c), biasInit = torchDefault(c) } = options;
    const weight = p.parameter("weight", [channels, c], weightInit);
    const offset = bias ? p.parameter("bias", [channels], biasInit) : null;
    const rows = linear(reshape(x, [sizeOf(x.shape) / c, c]), weight, offset);
    return reshape(rows, [...x.shape.slice(0, -1), channels]);
  },
);
