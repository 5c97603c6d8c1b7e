/** Res2Net v1b: the encoder. */
import { z } from "zod";
import type { Value } from "../../graph/value.ts";
import { conv2d, conv3x3, type ConvOptions } from "../../nn/conv.ts";
import { batchNorm2d } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { avgPool2d } from "../../ops/avgPool2d.ts";
import { concat } from "../../ops/concat.ts";
import { maxPool2d } from "../../ops/maxPool2d.ts";
import { relu } from "../../ops/relu.ts";
import { split } from "../../ops/slice.ts";

const width = z.int().min(1);
const four = z.tuple([width, width, width, width]);

/** As an option of the networks that stand on it. */
export const res2netOptions = z.strictObject({
  stem: z
    .tuple([width, width, width])
    .exactOptional()
    .describe("channels of the stem (default: 32,32,64)"),
  blocks: four.exactOptional().describe("blocks of the four stages (default: 3,4,6,3)"),
  planes: four
    .exactOptional()
    .describe(
      "planes of the four stages; a stage gives 4 times as many channels (default: 64,128,256,512)",
    ),
  baseWidth: width.exactOptional().describe("width of a group at 64 planes (default: 26)"),
});

export type Res2NetOptions = z.output<typeof res2netOptions>;

/** Output channels for each plane of a block. */
const EXPANSION = 4;
/** Groups of channels in a block. */
const SCALE = 4;

const plain: ConvOptions = { bias: false, init: "kaiming" };

/**
 * Res2Net-50 v1b 26w 4s and its narrower relatives: deep stem, average-pool downsampling, four stages.
 *
 * @param x  [N, 3, H, W]; H and W multiples of 32
 * @returns  four maps of 4 planes channels at 1/4, 1/8, 1/16 and 1/32 of the size
 * @see Gao et al. 2019, Res2Net; v1b: the authors' revision with the deep stem
 */
export const res2net = block(
  (p: Scope, x: Value, options: Res2NetOptions = {}): [Value, Value, Value, Value] => {
    const { blocks = [3, 4, 6, 3], planes = [64, 128, 256, 512], baseWidth = 26 } = options;
    const stem = res2netStem(p, x, options.stem);
    const x1 = stage(p.at("layer1"), stem, planes[0], blocks[0], 1, baseWidth);
    const x2 = stage(p.at("layer2"), x1, planes[1], blocks[1], 2, baseWidth);
    const x3 = stage(p.at("layer3"), x2, planes[2], blocks[2], 2, baseWidth);
    const x4 = stage(p.at("layer4"), x3, planes[3], blocks[3], 2, baseWidth);
    return [x1, x2, x3, x4];
  },
);

/**
 * Three 3 x 3 convolutions, the first with stride 2, then a max-pool with stride 2.
 *
 * @param x  [N, 3, H, W]
 * @returns  [N, widths[2], H / 4, W / 4]
 */
export const res2netStem = block(
  (p: Scope, x: Value, widths: readonly [number, number, number] = [32, 32, 64]): Value => {
    let y = conv3x3(p.at("conv1.0"), x, widths[0], { ...plain, stride: 2 });
    y = relu(batchNorm2d(p.at("conv1.1"), y));
    y = conv3x3(p.at("conv1.3"), y, widths[1], plain);
    y = relu(batchNorm2d(p.at("conv1.4"), y));
    y = conv3x3(p.at("conv1.6"), y, widths[2], plain);
    y = relu(batchNorm2d(p.at("bn1"), y));
    return maxPool2d(y, { kernel: 3, stride: 2, padding: 1 });
  },
);

function stage(
  p: Scope,
  x: Value,
  planes: number,
  blocks: number,
  stride: number,
  baseWidth: number,
): Value {
  let y = bottle2neck(p.at("0"), x, planes, { kind: "stage", stride, baseWidth });
  for (let i = 1; i < blocks; i++) {
    y = bottle2neck(p.at(`${i}`), y, planes, { kind: "normal", stride: 1, baseWidth });
  }
  return y;
}

export interface Bottle2neckOptions {
  /** `stage`: the first block of a stage, groups apart and a projected shortcut; `normal`: groups in a chain. */
  readonly kind: "stage" | "normal";
  readonly stride: number;
  readonly baseWidth: number;
}

/**
 * Bottle2neck: 1 x 1 convolution to four groups, 3 x 3 convolutions over three of them, 1 x 1 convolution; residual.
 *
 * @param x  [N, C, H, W]
 * @returns  [N, 4 planes, H / stride, W / stride]
 */
export const bottle2neck = block(
  (p: Scope, x: Value, planes: number, { kind, stride, baseWidth }: Bottle2neckOptions): Value => {
    const width = Math.floor((planes * baseWidth) / 64);
    const channels = planes * EXPANSION;
    let y = conv2d(p.at("conv1"), x, width * SCALE, plain);
    y = relu(batchNorm2d(p.at("bn1"), y));

    // Three groups are convolved; in a chain, each adds the result of the one before to its input.
    const groups = split(y, 1, new Array<number>(SCALE).fill(width));
    const results: Value[] = [];
    for (const [i, group] of groups.slice(0, -1).entries()) {
      const before = results[i - 1];
      const inner = kind === "normal" && before ? add(before, group) : group;
      const mapped = conv3x3(p.at(`convs.${i}`), inner, width, { ...plain, stride });
      results.push(relu(batchNorm2d(p.at(`bns.${i}`), mapped)));
    }

    // The last group passes, or is averaged where a stage begins.
    const last = groups[SCALE - 1]!;
    results.push(kind === "stage" ? avgPool2d(last, { kernel: 3, stride, padding: 1 }) : last);
    y = conv2d(p.at("conv3"), concat(results, 1), channels, plain);
    y = batchNorm2d(p.at("bn3"), y);

    if (kind === "normal") return relu(add(y, x));
    const pooled =
      stride === 1 ? x : avgPool2d(x, { kernel: stride, ceil: true, countPadding: false });
    const shortcut = conv2d(p.at("downsample.1"), pooled, channels, plain);
    return relu(add(y, batchNorm2d(p.at("downsample.2"), shortcut)));
  },
);
