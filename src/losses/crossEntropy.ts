/** Cross-entropy of exclusive classes on logits. */
import type { Value } from "../graph/value.ts";
import { constant } from "../graph/value.ts";
import { div } from "../ops/div.ts";
import { logSoftmax } from "../ops/logSoftmax.ts";
import { mul } from "../ops/mul.ts";
import { neg } from "../ops/neg.ts";
import { sum } from "../ops/sum.ts";
import { transpose } from "../ops/transpose.ts";
import { ShapeError } from "../base/errors.ts";
import { tensor } from "../tensor/tensor.ts";
import { checkTarget } from "./checkTarget.ts";

/**
 * - sum over pixels of w_t log softmax(x)_t / sum over pixels of w_t, t the pixel's class.
 *
 * @param logits   x, [N, C, H, W], class 0 the background
 * @param target   one-hot, the same shape
 * @param weights  w, one a class; default 1 each
 * @returns        [], at least 0
 * @throws {ShapeError} if the shapes differ, or there is not one weight a class.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html, with its weighted mean
 */
export function crossEntropy(logits: Value, target: Value, weights?: readonly number[]): Value {
  checkTarget("crossEntropy", logits, target);
  const classes = logits.shape[1] ?? 1;
  const w = weights ?? Array.from({ length: classes }, () => 1);
  if (w.length !== classes) {
    throw new ShapeError(`crossEntropy: weights must be one a class, ${classes}, got ${w.length}`);
  }
  const weighted = mul(channelsLast(target), constant(tensor([classes], w)));
  return neg(div(sum(mul(weighted, logSoftmax(channelsLast(logits)))), sum(weighted)));
}

/** The classes on the last axis, where the engine's softmax is fast. */
const channelsLast = (x: Value): Value => transpose(x, [0, 2, 3, 1]);
