/** DynamicConv: one kernel for each image, a convex mixture of a few. */
import type { Value } from "../../graph/value.ts";
import { conv2d } from "../../nn/conv.ts";
import { zeros } from "../../nn/init.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { div } from "../../ops/div.ts";
import { relu } from "../../ops/relu.ts";
import { reshape } from "../../ops/reshape.ts";
import { scalar } from "../../ops/scalar.ts";
import { softmax } from "../../ops/softmax.ts";
import { mean } from "../../ops/sum.ts";
import { convPerImage, mixExperts, type TemperedKernelOptions } from "./kernelPerImage.ts";

/**
 * Y[b] = (sum over e of a[b, e] W_e) * X[b] + sum over e of a[b, e] bias_e,
 * a[b] = softmax(FC2(ReLU(FC1(mean over pixels of context[b]))) / T).
 *
 * @param x        [N, C, H, W]
 * @param context  what the kernels are made from, [N, D, H, W]: x itself as published
 * @returns        [N, C, H, W]
 * @see Chen et al. 2020; names as in kaijieshi7/Dynamic-convolution-Pytorch
 */
export const dynamicConv = block(
  (p: Scope, x: Value, context: Value, options: TemperedKernelOptions = {}): Value => {
    const { kernelSize: k = 3, experts = 4, groups = 1, temperature = 1 } = options;
    const [n = 1, c = 1] = x.shape;
    const at = p.at("attention");
    const hidden = Math.floor(context.shape[1]! / 4) + 1;
    const init = { bias: false, init: "kaiming" } as const;
    const squeezed = relu(conv2d(at.at("fc1"), mean(context, [2, 3], true), hidden, init));
    const scores = reshape(
      conv2d(at.at("fc2"), squeezed, experts, { init: "kaiming", biasInit: zeros }),
      [n, experts],
    );
    const attention = softmax(div(scores, scalar(temperature)));
    const fanIn = (c / groups) * k * k;
    // He uniform for ReLU.
    const heUniform = { kind: "uniform", bound: Math.sqrt(6 / fanIn) } as const;
    const weight = p.parameter("weight", [experts, c, c / groups, k, k], heUniform);
    const bias = p.parameter("bias", [experts, c], zeros);
    return convPerImage(x, mixExperts(attention, weight), mixExperts(attention, bias), {
      groups,
      padding: (k - 1) / 2,
    });
  },
);
