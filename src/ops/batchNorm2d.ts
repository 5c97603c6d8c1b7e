/** Batch normalisation: statistics, normalisation, gradients. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { ShapeError } from "../base/errors.ts";
import { full, int64 } from "../tensor/tensor.ts";
import {
  emitAffine,
  emitAffineAdd,
  emitChannelDot,
  emitChannelSum,
  emitScale,
} from "./channelwise.ts";
import { sameShape, showShape, type Shape } from "../tensor/shape.ts";
import { slice } from "./slice.ts";
import { reshape } from "./reshape.ts";

/**
 * Mean and variance of each channel over batch and map: M[0, c] = mean of X[:, c], M[1, c] = mean of (X[:, c] - M[0, c])^2.
 *
 * The variance is the biased one, which normalises; running statistics want it times n / (n - 1).
 * For running statistics and `batchNorm2d` only: its own derivative is not passed on.
 *
 * @param x  [N, C, H, W]
 * @returns  [2, C]
 */
export const batchMoments = (x: Value): Value => apply(batchMomentsOp, [x]);

const batchMomentsOp = defineOp<[x: Value]>({
  name: "batchMoments",
  infer([x]) {
    if (x.shape.length !== 4) throw new ShapeError(`rank must be 4, got ${x.shape.length}`);
    return { dtype: x.dtype, shape: [2, x.shape[1]!] };
  },
  // Centred first: E[X^2] - E[X]^2 would save a pass, and lose the variance of channels with a large mean.
  emit(e, [x], _attributes, { inputs: [type] }) {
    const [n = 1, c = 1, height = 1, width = 1] = type.shape;
    const share = e.scalar(1 / (n * height * width));
    const mean = e.op("Mul", [emitChannelSum(e, x, type.shape), share]);
    const ones = e.constant(full([c], 1));
    const centred = emitAffine(e, x, ones, e.op("Neg", [mean]), type.shape);
    const variance = e.op("Mul", [emitChannelDot(e, centred, centred, type.shape), share]);
    const both = e.op("Concat", [mean, variance], { axis: { int: 0 } });
    return e.op("Reshape", [both, e.ints([2, c])]);
  },
  // `batchNorm2d` accounts for the dependence of its moments on x.
  grad: () => [null],
});

/**
 * Y = gamma (X - mean) / sqrt(variance + eps) + beta, for each channel.
 *
 * With `trained` moments, those of this very `x`, the derivative includes how they depend on it; otherwise they count as
 * constants (running statistics).
 *
 * @param x        [N, C, H, W]
 * @param moments  [2, C]: mean and biased variance
 * @param gamma    [C]
 * @param beta     [C]
 * @returns        [N, C, H, W]
 * @throws {ShapeError} if the rank is not 4, or moments, gamma or beta do not have C channels.
 * @see Ioffe and Szegedy 2015, algorithm 1
 */
export const batchNorm2d = (
  x: Value,
  moments: Value,
  gamma: Value,
  beta: Value,
  options: { eps: number; trained: boolean },
): Value => apply(batchNormOp, [x, moments, gamma, beta], options);

const batchNormOp = defineOp<
  [x: Value, moments: Value, gamma: Value, beta: Value],
  { eps: number; trained: boolean }
>({
  name: "batchNorm2d",
  infer([x, moments, gamma, beta]) {
    if (x.shape.length !== 4) throw new ShapeError(`rank must be 4, got ${x.shape.length}`);
    const c = x.shape[1]!;
    const shapes = [moments.shape, gamma.shape, beta.shape] as const;
    const expected = [[2, c], [c], [c]] as const;
    if (!shapes.every((shape, i) => sameShape(shape, expected[i]!))) {
      const list = ([m, g, b]: readonly [Shape, Shape, Shape]): string =>
        `${showShape(m)}, ${showShape(g)} and ${showShape(b)}`;
      throw new ShapeError(
        `moments, gamma and beta must be ${list(expected)}, got ${list(shapes)}`,
      );
    }
    return { dtype: x.dtype, shape: x.shape };
  },
  emit(e, [x, moments, gamma, beta], { eps }, { inputs: [type] }) {
    const { mean, scale } = emitScales(e, moments, gamma, eps);
    const shift = e.op("Sub", [beta, e.op("Mul", [mean, scale])]);
    return emitAffine(e, x, scale, shift, type.shape);
  },
  grad([x, moments, gamma], dy, { attributes }) {
    const sums = apply(batchNormSumsOp, [x, moments, gamma, dy], attributes);
    const c = gamma.shape[0]!;
    return [
      apply(batchNormGradXOp, [x, moments, gamma, dy, sums], attributes),
      null,
      reshape(slice(sums, 0, 1, 2), [c]),
      reshape(slice(sums, 0, 0, 1), [c]),
    ];
  },
});

/** Mean, 1 / sqrt(variance + eps), and gamma times it; each [C]. */
function emitScales(e: Emitter, moments: string, gamma: string, eps: number) {
  const [mean, variance] = [emitRow(e, moments, 0), emitRow(e, moments, 1)];
  const deviation = e.op("Sqrt", [e.op("Add", [variance, e.scalar(eps)])]);
  const inverse = e.op("Reciprocal", [deviation]);
  return { mean, inverse, scale: e.op("Mul", [inverse, gamma]) };
}

const emitRow = (e: Emitter, table: string, row: number): string =>
  e.op("Gather", [table, e.constant(int64([], [row]))], { axis: { int: 0 } });

// S[0] = sum of dY, S[1] = sum of dY Xhat, with Xhat = (X - mean) / sqrt(variance + eps): d beta and d gamma.
const batchNormSumsOp = defineOp<
  [x: Value, moments: Value, gamma: Value, dy: Value],
  { eps: number }
>({
  name: "batchNormSums",
  infer: ([, moments]) => ({ dtype: moments.dtype, shape: moments.shape }),
  emit(e, [x, moments, gamma, dy], { eps }, { inputs: [type] }) {
    const { mean, inverse } = emitScales(e, moments, gamma, eps);
    const total = emitChannelSum(e, dy, type.shape);
    const raw = emitChannelDot(e, dy, x, type.shape);
    const product = e.op("Mul", [e.op("Sub", [raw, e.op("Mul", [mean, total])]), inverse]);
    const both = e.op("Concat", [total, product], { axis: { int: 0 } });
    return e.op("Reshape", [both, e.ints([2, type.shape[1]!])]);
  },
  grad: noSecondDerivative("batchNormSums"),
});

// dX = gamma / sqrt(variance + eps) (dY - S[0] / n - Xhat S[1] / n); without the last two terms for fixed moments.
const batchNormGradXOp = defineOp<
  [x: Value, moments: Value, gamma: Value, dy: Value, sums: Value],
  { eps: number; trained: boolean }
>({
  name: "batchNormGradX",
  infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  emit(e, [x, moments, gamma, dy, sums], { eps, trained }, types) {
    const { shape } = types.inputs[0];
    const [n = 1, , height = 1, width = 1] = shape;
    const { mean, inverse, scale } = emitScales(e, moments, gamma, eps);
    const direct = emitScale(e, dy, scale, shape);
    if (!trained) return direct;
    // As scale dY + slope X + offset.
    const perPixel = e.op("Mul", [scale, e.scalar(-1 / (n * height * width))]);
    const slope = e.op("Mul", [perPixel, e.op("Mul", [inverse, emitRow(e, sums, 1)])]);
    const constant = e.op("Mul", [perPixel, emitRow(e, sums, 0)]);
    const offset = e.op("Sub", [constant, e.op("Mul", [slope, mean])]);
    return emitAffineAdd(e, x, slope, offset, direct, shape);
  },
  grad: noSecondDerivative("batchNormGradX"),
});
