/** CTO's edge branch: features weighted by their Sobel gradient, joined into one edge map. */
import type { Value } from "../../graph/value.ts";
import { conv2d, conv3x3 } from "../../nn/conv.ts";
import type { Initializer } from "../../nn/init.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { concat } from "../../ops/concat.ts";
import { conv2d as convolve } from "../../ops/conv2d.ts";
import { gradientMagnitude } from "../../ops/gradientMagnitude.ts";
import { mul } from "../../ops/mul.ts";
import { relu } from "../../ops/relu.ts";
import { resizeBilinear } from "../../ops/resizeBilinear.ts";
import { sigmoid } from "../../ops/sigmoid.ts";
import { reduce } from "./reduce.ts";

/** The same 3 x 3 kernel for every input channel. */
const sobelX: Initializer = { kind: "values", values: [1, 0, -1, 2, 0, -2, 1, 0, -1] };
const sobelY: Initializer = { kind: "values", values: [1, 2, 1, 0, 0, 0, -1, -2, -1] };

/**
 * Y = s(|g|) X, g = (BN(Kx * sum of X), BN(Ky * sum of X)): the Sobel gradient of the sum over channels, normalised. Flat places
 * are damped, by half at most. The kernels are saved as `<x>.0.weight` and `<y>.0.weight` and not trained.
 *
 * Where the gradient is exactly 0, its derivative is taken as 0; the published code gives NaN there.
 *
 * @param xs  scopes of the two directions
 * @param x   [N, C, H, W]
 * @returns   [N, C, H, W]
 * @see CTO (Lin et al. 2023); code xiaofang007/CTO, run_sobel
 */
export function sobelWeighting([px, py]: readonly [Scope, Scope], x: Value): Value {
  const gradient = (p: Scope, kernel: Initializer): Value => {
    const weight = p.buffer("0.weight", [1, x.shape[1]!, 3, 3], kernel);
    return batchNorm2d(p.at("1"), convolve(x, weight, null, { padding: 1 }));
  };
  return mul(x, sigmoid(gradientMagnitude(gradient(px, sobelX), gradient(py, sobelY))));
}

export interface EdgeAttentionOptions {
  /** Channels of the shallow map before they meet. Default 64. */
  readonly shallow?: number;
  /** Channels of the deep map before they meet, and of the two convolutions after. Default 256. */
  readonly channels?: number;
}

/**
 * EAM: edge logit at the size of the shallow map, Conv1(CBR3(CBR3(concat(resize(CBR1 deep), CBR1 shallow)))), CBR the convolution
 * with batch norm and ReLU.
 *
 * @param deep     [N, C4, h, w]
 * @param shallow  [N, C1, H, W]
 * @returns        [N, 1, H, W]
 * @see CTO (Lin et al. 2023), boundary extraction module
 */
export const edgeAttention = block(
  (p: Scope, deep: Value, shallow: Value, options: EdgeAttentionOptions = {}): Value => {
    const { shallow: narrow = 64, channels = 256 } = options;
    const [, , height = 1, width = 1] = shallow.shape;
    const fine = reduce(p.at("reduce1"), shallow, narrow);
    const coarse = resizeBilinear(reduce(p.at("reduce4"), deep, channels), [height, width]);
    let y = concat([coarse, fine], 1);
    for (const i of [0, 1]) {
      y = conv3x3(p.at(`block.${i}.block.0`), y, channels, { bias: false });
      y = relu(batchNorm2d(p.at(`block.${i}.block.1`), y));
    }
    return conv2d(p.at("block.2"), y, 1);
  },
);
