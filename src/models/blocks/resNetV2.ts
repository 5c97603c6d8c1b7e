/** TransUNet's convolutional part: a ResNet of standardised convolutions and group norm, as in BiT. */
import type { Value } from "../../graph/value.ts";
import { standardisedConv2d } from "../../nn/conv.ts";
import { groupNorm } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { maxPool2d } from "../../ops/maxPool2d.ts";
import { padZeros } from "../../ops/padZeros.ts";
import { relu } from "../../ops/relu.ts";

export interface ResNetV2Options {
  /** Channels of the root, and planes of the first stage; those of the others are 2 and 4 times as many. Default 64. */
  readonly width?: number;
  /** Units of the three stages. Default [3, 4, 9]. */
  readonly units?: readonly [number, number, number];
  /** Groups of the group norms. Default 32. */
  readonly groups?: number;
}

/** Output channels of a unit for each plane. */
const EXPANSION = 4;

/**
 * Root, max-pool, three stages.
 *
 * The max-pool has no border, so that 128 x 128 becomes 63 x 63. The first stage's map goes on as it is, and out as a skip with
 * zeros at the bottom and on the right, so that it is a quarter of the image.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 16, at least 32
 * @returns  the deepest map, 16 width channels at 1/16, and skips at 1/8, 1/4 and 1/2, with 8, 4 and 1 times `width` channels
 * @see code Beckschen/TransUNet, ResNetV2; Kolesnikov et al. 2020, BiT
 */
export const resNetV2 = block(
  (
    p: Scope,
    x: Value,
    { width = 64, units = [3, 4, 9], groups = 32 }: ResNetV2Options = {},
  ): { deepest: Value; skips: [Value, Value, Value] } => {
    const [, , height = 1, w = 1] = x.shape;
    const { root, pooled } = resNetV2Root(p, x, width, groups);

    const stage = (level: number, input: Value): Value => {
      const planes = width * 2 ** (level - 1);
      let y = input;
      for (let i = 1; i <= units[level - 1]!; i++) {
        const stride = i === 1 && level > 1 ? 2 : 1;
        const unit = p.at(`body.block${level}.unit${i}`);
        y = resNetV2Unit(unit, y, planes * EXPANSION, { planes, stride, groups });
      }
      return y;
    };
    const first = stage(1, pooled);
    const second = stage(2, first);
    const [, , h1 = 1, w1 = 1] = first.shape;
    const whole = padZeros(padZeros(first, 2, 0, height / 4 - h1), 3, 0, w / 4 - w1);
    return { deepest: stage(3, second), skips: [second, whole, root] };
  },
);

/**
 * ReLU(GN(7 x 7 convolution with stride 2)), and its maxima over 3 x 3 windows with stride 2 and no border.
 *
 * @param x  [N, 3, H, W]
 * @returns  root, [N, width, H / 2, W / 2], and pooled, [N, width, H / 4 - 1, W / 4 - 1]
 */
export function resNetV2Root(
  p: Scope,
  x: Value,
  width: number,
  groups: number,
): { root: Value; pooled: Value } {
  const options = { kernel: 7, stride: 2, padding: 3 };
  const y = standardisedConv2d(p.at("root.conv"), x, width, options);
  const root = relu(groupNorm(p.at("root.gn"), y, groups, { eps: 1e-6 }));
  return { root, pooled: maxPool2d(root, { kernel: 3, stride: 2 }) };
}

export interface ResNetV2UnitOptions {
  /** Channels inside. */
  readonly planes: number;
  readonly stride: number;
  readonly groups: number;
}

/**
 * Unit with a bottleneck: ReLU(shortcut + GN(Conv1(ReLU(GN(Conv3(ReLU(GN(Conv1 x)))))))), the stride on the 3 x 3 convolution. The
 * shortcut is projected, with a group norm of one channel a group, where channels or sizes change.
 *
 * @param x  [N, C, H, W]
 * @returns  [N, channels, H / stride, W / stride], rounded up
 */
export const resNetV2Unit = block(
  (p: Scope, x: Value, channels: number, options: ResNetV2UnitOptions): Value => {
    const { planes, stride, groups } = options;
    p.order("gn1", "conv1", "gn2", "conv2", "gn3", "conv3", "downsample", "gn_proj");
    const norm = (name: string, v: Value): Value => groupNorm(p.at(name), v, groups, { eps: 1e-6 });
    let y = relu(norm("gn1", standardisedConv2d(p.at("conv1"), x, planes)));
    y = standardisedConv2d(p.at("conv2"), y, planes, { kernel: 3, stride, padding: 1 });
    y = relu(norm("gn2", y));
    y = norm("gn3", standardisedConv2d(p.at("conv3"), y, channels));
    if (stride === 1 && x.shape[1] === channels) return relu(add(x, y));
    const projected = standardisedConv2d(p.at("downsample"), x, channels, { stride });
    return relu(add(groupNorm(p.at("gn_proj"), projected, channels), y));
  },
);
