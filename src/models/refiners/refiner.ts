/** What stands in SGDC's place: one contract, so that only the dynamic convolution differs between two networks. */
import type { Value } from "../../graph/value.ts";
import { conv2d, pointwise } from "../../nn/conv.ts";
import { layerScale } from "../../nn/layers.ts";
import { layerNorm } from "../../nn/norm.ts";
import { block, type Scope } from "../../nn/scope.ts";
import { add } from "../../ops/add.ts";
import { gelu } from "../../ops/gelu.ts";
import { resizeBilinear } from "../../ops/resizeBilinear.ts";
import { transpose } from "../../ops/transpose.ts";

export interface RefinerOptions {
  /** Hidden channels of the feed-forward part, as a multiple of C. Default 4. */
  readonly mlpRatio?: number;
  /** Initial LayerScale of the residual branches. Default 1e-6, as SGDC starts. */
  readonly layerScaleStart?: number;
}

/**
 * Refines the features of one level.
 *
 * @param x         [N, C, H, W]
 * @param guidance  [N, G, h, w], at any size; null: the features guide themselves
 * @returns         [N, C, H, W]
 */
export type Refiner<Options extends RefinerOptions = RefinerOptions> = (
  p: Scope,
  x: Value,
  guidance: Value | null,
  options?: Options,
) => Value;

export interface RefinerEntry {
  /** What it computes, in a sentence. */
  readonly summary: string;
  /** Paper and public code. */
  readonly source: string;
  /** Where detail is averaged away before kernels are made. */
  readonly pools: string;
  readonly refine: Refiner;
}

/** A dynamic convolution by itself: `x` is convolved, `context` is what its kernels are made from. */
type BareOperator = (p: Scope, x: Value, context: Value) => Value;

/**
 * A bare operator in the shell that SGDC has as well: z = x + s1 . op(LN(x), LN(x) + P(guidance)); y = z + s2 . MLP(LN(z)).
 *
 * P is a 1 x 1 convolution of the guidance, resized to the map; without guidance the context is LN(x).
 */
export const inShell = (op: BareOperator): Refiner =>
  block((p: Scope, x: Value, guidance: Value | null, options: RefinerOptions = {}): Value => {
    const { mlpRatio = 4, layerScaleStart = 1e-6 } = options;
    const [, dim = 1] = x.shape;
    const pixels = transpose(x, [0, 2, 3, 1]);
    const normal = transpose(layerNorm(p.at("norm1"), pixels), [0, 3, 1, 2]);
    const context = guidance ? add(normal, project(p, guidance, x)) : normal;
    const refined = transpose(op(p.at("op"), normal, context), [0, 2, 3, 1]);
    const z = add(pixels, layerScale(p, "ls1", refined, layerScaleStart));
    const hidden = gelu(
      pointwise(p.at("mlp.0"), layerNorm(p.at("norm2"), z), Math.floor(dim * mlpRatio)),
    );
    const mlp = pointwise(p.at("mlp.2"), hidden, dim);
    return transpose(add(z, layerScale(p, "ls2", mlp, layerScaleStart)), [0, 3, 1, 2]);
  });

/** The guidance at the size and with the channels of `x`. */
export function project(p: Scope, guidance: Value, x: Value): Value {
  const [, c = 1, height = 1, width = 1] = x.shape;
  return conv2d(p.at("proj_guidance"), resizeBilinear(guidance, [height, width]), c);
}
