/** The boundary preserving block: features amplified where key points of the boundary are expected. */
import type { Value } from "../../graph/value.ts";
import { conv2d, conv3x3 } from "../../nn/conv.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { concat } from "../../ops/concat.ts";
import { mul } from "../../ops/mul.ts";
import { sigmoid } from "../../ops/sigmoid.ts";

/** Distances between taps of the four 3 x 3 convolutions. */
const DILATIONS = [1, 2, 4, 6];

/**
 * M = s(Conv1 concat(Conv1 f, Conv3 f with dilations 1, 2, 4 and 6)), v = f + f M.
 *
 * The width of the branches is not stated in the paper, whose figure draws single planes: a setting, 1 by default. No code was
 * published, so the names of the parameters are ours.
 *
 * @param f      [N, C, H, W]
 * @param width  channels of each branch. Default 1.
 * @returns      `features` v, [N, C, H, W], and `map`, M before the sigmoid, [N, 1, H, W], to be trained on a map of key points
 * @see Lee et al. 2020 (CVPR), equations 2 and 3
 */
export const boundaryPreserving = block(
  (p: Scope, f: Value, { width = 1 } = {}): { features: Value; map: Value } => {
    const branches = [conv2d(p.at("point"), f, width)];
    for (const dilation of DILATIONS) {
      const options = { dilation, padding: dilation };
      branches.push(conv3x3(p.at(`dilated${dilation}`), f, width, options));
    }
    const map = conv2d(p.at("join"), concat(branches, 1), 1);
    return { features: add(f, mul(f, sigmoid(map))), map };
  },
);
