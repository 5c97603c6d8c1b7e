/** Batch normalisation: statistics, normalisation, gradients. */
import { apply, defineOp, noSecondDerivative, type Emitter, type Value } from "../graph/value.ts";
import { ShapeError } from "../tensor/errors.ts";
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
  emit(e, [x = ""], _attributes, { inputs: [type] }) {
    const c = type!.shape[1]!;
    const mean = e.op("ReduceMean", [x], { axes: { ints: [0, 2, 3] }, keepdims: { int: 1 } });
    const centred = e.op("Sub", [x, mean]);
    const square = e.op("Mul", [centred, centred]);
    const variance = e.op("ReduceMean", [square], {
      axes: { ints: [0, 2, 3] },
      keepdims: { int: 1 },
    });
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
  emit(e, [x = "", moments = "", gamma = "", beta = ""], { eps }, { inputs: [type] }) {
    const c = type!.shape[1]!;
    const { mean, scale } = emitScale(e, moments, gamma, eps);
    const shift = e.op("Sub", [beta, e.op("Mul", [mean, scale])]);
    const scaled = e.op("Mul", [x, channelwise(e, scale, c)]);
    return e.op("Add", [scaled, channelwise(e, shift, c)]);
  },
  grad([x, moments, gamma], dy, { attributes }) {
    const sums = apply(batchNormSumsOp, [x, moments, dy], attributes);
    const c = gamma.shape[0]!;
    return [
      apply(batchNormGradXOp, [x, moments, gamma, dy, sums], attributes),
      null,
      reshape(slice(sums, 0, 1, 2), [c]),
      reshape(slice(sums, 0, 0, 1), [c]),
    ];
  },
});

const channelwise = (e: Emitter, v: string, c: number): string =>
  e.op("Reshape", [v, e.ints([1, c, 1, 1])]);

/** The two rows of the moments, 1 / sqrt(variance + eps), and gamma times it; each [1, C]. */
function emitScale(e: Emitter, moments: string, gamma: string | null, eps: number) {
  const row = (i: number): string =>
    e.op("Slice", [moments, e.ints([i]), e.ints([i + 1]), e.ints([0])]);
  const [mean, variance] = [row(0), row(1)];
  const deviation = e.op("Sqrt", [e.op("Add", [variance, e.scalar(eps)])]);
  const inverse = e.op("Reciprocal", [deviation]);
  return { mean, inverse, scale: gamma === null ? inverse : e.op("Mul", [inverse, gamma]) };
}

// S[0] = sum of dY, S[1] = sum of dY Xhat, with Xhat = (X - mean) / sqrt(variance + eps): d beta and d gamma.
const batchNormSumsOp = defineOp<[x: Value, moments: Value, dy: Value], { eps: number }>({
  name: "batchNormSums",
  infer: ([, moments]) => ({ dtype: moments.dtype, shape: moments.shape }),
  emit(e, [x = "", moments = "", dy = ""], { eps }, { inputs: [type] }) {
    const c = type!.shape[1]!;
    const { mean, inverse } = emitScale(e, moments, null, eps);
    const sum = (v: string): string =>
      e.op("ReduceSum", [v, e.ints([0, 2, 3])], { keepdims: { int: 0 } });
    const total = e.op("Reshape", [sum(dy), e.ints([1, c])]);
    const centred = e.op("Sub", [x, channelwise(e, mean, c)]);
    const product = e.op("Reshape", [sum(e.op("Mul", [dy, centred])), e.ints([1, c])]);
    return e.op("Concat", [total, e.op("Mul", [product, inverse])], { axis: { int: 0 } });
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
  emit(
    e,
    [x = "", moments = "", gamma = "", dy = "", sums = ""],
    { eps, trained },
    { inputs: [type] },
  ) {
    const [n = 1, c = 1, height = 1, width = 1] = type!.shape;
    const { mean, inverse, scale } = emitScale(e, moments, gamma, eps);
    const direct = e.op("Mul", [dy, channelwise(e, scale, c)]);
    if (!trained) return direct;
    // As scale dY + slope X + offset: two multiplications and two additions a pixel.
    const row = (i: number): string =>
      e.op("Slice", [sums, e.ints([i]), e.ints([i + 1]), e.ints([0])]);
    const count = e.scalar(-1 / (n * height * width));
    const perPixel = e.op("Mul", [scale, count]);
    const slope = e.op("Mul", [perPixel, e.op("Mul", [inverse, row(1)])]);
    const constant = e.op("Sub", [e.op("Mul", [perPixel, row(0)]), e.op("Mul", [slope, mean])]);
    const linear = e.op("Add", [direct, e.op("Mul", [x, channelwise(e, slope, c)])]);
    return e.op("Add", [linear, channelwise(e, constant, c)]);
  },
  grad: noSecondDerivative("batchNormGradX"),
});
