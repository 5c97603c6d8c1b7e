/** U-Net with boundary preserving blocks: Lee et al. 2020, from the equations alone. */
import { z } from "zod";
import { ArgumentError } from "../base/errors.ts";
import type { Value } from "../graph/value.ts";
import { keyPointLoss } from "../losses/keyPointLoss.ts";
import type { LossOptions, LossTerms } from "../losses/segmentationLoss.ts";
import { conv2d } from "../nn/conv.ts";
import { block, type Scope } from "../nn/scope.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { boundaryPreserving } from "./blocks/boundaryPreserving.ts";
import { defineNetwork, type NetworkOutputs } from "./network.ts";
import { doubleConv, down, uNetSides, up } from "./uNet.ts";

const lee2020Options = z.strictObject({
  channels: z.int().min(2).exactOptional().describe("channels at full size (default: 64)"),
  branchWidth: z
    .int()
    .min(1)
    .exactOptional()
    .describe("channels of each branch of a boundary preserving block (default: 1)"),
});

export type Lee2020Options = z.output<typeof lee2020Options> & { readonly classes?: number };

/** Levels of the U-Net below full size. */
const HALVINGS = 4;

/**
 * milesial's U-Net with a boundary preserving block before each of the four max-pools and each of the four upsamplings.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 16
 * @see Lee et al. 2020 (CVPR), section 3.2 and figure 2
 */
export const lee2020 = block((p: Scope, x: Value, options: Lee2020Options = {}) => {
  const { channels = 64, branchWidth = 1, classes = 1 } = options;
  const keyPoints: Value[] = [];
  const preserved = (v: Value): Value => {
    const at = p.at(`bpb${keyPoints.length + 1}`);
    const { features, map } = boundaryPreserving(at, v, { width: branchWidth });
    keyPoints.push(map);
    return features;
  };
  const skips = [preserved(doubleConv(p.at("inc"), x, channels, channels))];
  for (let level = 1; level <= HALVINGS; level++) {
    skips.push(preserved(down(p.at(`down${level}`), skips.at(-1)!, channels * 2 ** level)));
  }
  let y = skips.pop()!;
  for (let level = 1; level <= HALVINGS; level++) {
    const skip = skips.pop()!;
    y = up(p.at(`up${level}`), y, skip, skip.shape[1]!, false);
    if (level < HALVINGS) y = preserved(y);
  }
  const outputs: NetworkOutputs = {
    logits: conv2d(p.at("outc.conv"), y, classes),
    keyPoints,
    maps: { keyPoints: sigmoid(keyPoints[0]!) },
  };
  return outputs;
});

function loss(outputs: NetworkOutputs, mask: Value, options: LossOptions): LossTerms {
  const { keyPoints, boundary } = options;
  const channels = mask.shape[1] ?? 1;
  if (channels > 1 || boundary || !keyPoints) {
    throw new ArgumentError(
      `loss of lee-2020: the data must have one class and no instances, because key points are those of one mask, got ${channels > 1 ? `${channels - 1} classes` : "instances"}; join them (--classes 1, --no-instances), or take --loss common`,
    );
  }
  const { logits, keyPoints: maps = [] } = outputs;
  return keyPointLoss({ logits, maps }, mask, keyPoints);
}

export const lee2020Entry = defineNetwork({
  name: "lee-2020",
  title: "Lee 2020 without its evaluator, our implementation",
  source:
    "Lee et al.: Structure Boundary Preserving Segmentation for Medical Image With Ambiguous Boundary (CVPR 2020), from its equations; no code was published",
  options: lee2020Options,
  sizes: {
    public: {},
    // At 128 x 128 the multiply-accumulates of SGD-Net's compact, within 10 %.
    compact: { channels: 10 },
  },
  sides: uNetSides,
  trace: lee2020,
  loss,
  keyPoints: true,
});
