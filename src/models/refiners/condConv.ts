/** CondConv: one kernel for each image, mixed from experts by what the image holds on average. */
import type { Value } from "../../graph/value.ts";
import { torchDefault } from "../../nn/init.ts";
import { dense } from "../../nn/dense.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { reshape } from "../../ops/reshape.ts";
import { sigmoid } from "../../ops/sigmoid.ts";
import { mean } from "../../ops/sum.ts";
import { convPerImage, mixExperts, type MixedKernelOptions } from "./kernelPerImage.ts";

export interface CondConvOptions extends MixedKernelOptions {
  /** Default false. */
  readonly bias?: boolean;
}

/**
 * Y[b] = (sum over e of r[b, e] W_e) * X[b] with r[b] = sigmoid(linear(mean over pixels of context[b])).
 *
 * @param x        [N, C, H, W]
 * @param context  what the kernels are made from, [N, D, H, W]: x itself as published
 * @returns        [N, C, H, W]
 * @see Yang et al. 2019; names as in pytorch-image-models, cond_conv2d.py
 */
export const condConv = block(
  (p: Scope, x: Value, context: Value, options: CondConvOptions = {}): Value => {
    const { kernelSize: k = 3, experts = 4, groups = 1, bias = false } = options;
    const [, c = 1] = x.shape;
    const routing = sigmoid(dense(p.at("routing_fn"), mean(context, [2, 3]), experts));
    const init = torchDefault((c / groups) * k * k);
    const weight = p.parameter("conv.weight", [experts, (c * c * k * k) / groups], init);
    const kernels = mixExperts(routing, reshape(weight, [experts, c, c / groups, k, k]));
    const offsets = bias ? mixExperts(routing, p.parameter("conv.bias", [experts, c], init)) : null;
    return convPerImage(x, kernels, offsets, { groups, padding: (k - 1) / 2 });
  },
);
