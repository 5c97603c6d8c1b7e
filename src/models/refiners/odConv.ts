/** ODConv: one kernel for each image, attended along channels, filters, taps and kernels. */
import type { Value } from "../../graph/value.ts";
import { conv2d } from "../../nn/conv.ts";
import { kaimingFanOut, zeros } from "../../nn/init.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { div } from "../../ops/div.ts";
import { mul } from "../../ops/mul.ts";
import { relu } from "../../ops/relu.ts";
import { reshape } from "../../ops/reshape.ts";
import { scalar } from "../../ops/scalar.ts";
import { sigmoid } from "../../ops/sigmoid.ts";
import { softmax } from "../../ops/softmax.ts";
import { mean } from "../../ops/sum.ts";
import { expand } from "../../ops/expand.ts";
import { convPerImage, mixExperts, type TemperedKernelOptions } from "./kernelPerImage.ts";

/**
 * Y[b] = f . ((sum over e of a[b, e] p[b] . W_e) * (c . X[b])): attention a over kernels (softmax), p over taps, c over input
 * channels, f over filters (sigmoid), all from t = ReLU(BN(FC(mean over pixels of context[b]))).
 *
 * Left out where they would say nothing: f of a depthwise convolution, p of a 1 x 1 kernel, a of a single kernel.
 *
 * @param x        [N, C, H, W]; training needs N of at least 2, because batch norm acts on one value a channel and image
 * @param context  what the attentions are made from, [N, D, H, W]: x itself as published
 * @returns        [N, C, H, W]
 * @see Li et al. 2022; names as in OSVAI/ODConv
 */
export const odConv = block(
  (p: Scope, x: Value, context: Value, options: TemperedKernelOptions = {}): Value => {
    const { kernelSize: k = 3, experts = 4, groups = 1, temperature = 1 } = options;
    const [n = 1, c = 1] = x.shape;
    const at = p.at("attention");
    const width = Math.max(Math.floor(context.shape[1]! / 16), 16);
    const squeezed = conv2d(at.at("fc"), mean(context, [2, 3], true), width, {
      bias: false,
      init: "kaiming",
    });
    const t = relu(batchNorm2d(at.at("bn"), squeezed));
    const logits = (name: string, count: number): Value => {
      const y = conv2d(at.at(`${name}_fc`), t, count, { init: "kaiming", biasInit: zeros });
      return div(reshape(y, [n, count]), scalar(temperature));
    };

    const channels = sigmoid(logits("channel", c));
    const depthwise = groups === c;
    const filters = depthwise ? null : sigmoid(logits("filter", c));
    const taps = k > 1 ? sigmoid(logits("spatial", k * k)) : null;
    const mixture = experts > 1 ? softmax(logits("kernel", experts)) : null;

    const init = kaimingFanOut((c / groups) * k * k);
    const weight = p.parameter("weight", [experts, c, c / groups, k, k], init);
    const shape = [n, c, c / groups, k, k];
    const mixed = mixture ? mixExperts(mixture, weight) : expand(weight, shape);
    const kernels = taps ? mul(mixed, reshape(taps, [n, 1, 1, k, k])) : mixed;
    const seen = mul(x, reshape(channels, [n, c, 1, 1]));
    const y = convPerImage(seen, kernels, null, { groups, padding: (k - 1) / 2 });
    return filters ? mul(y, reshape(filters, [n, c, 1, 1])) : y;
  },
);
