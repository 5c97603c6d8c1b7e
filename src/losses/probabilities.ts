/** From logits to probabilities, as the losses see them. */
import type { Value } from "../graph/value.ts";
import { sigmoid } from "../ops/sigmoid.ts";
import { softmax } from "../ops/softmax.ts";
import { transpose } from "../ops/transpose.ts";

/**
 * Sigmoid of a single channel, softmax over several, the background among them.
 *
 * @param logits  [N, C, H, W]
 * @returns       [N, C, H, W], in 0..1
 */
export const probabilities = (logits: Value): Value =>
  logits.shape[1] === 1
    ? sigmoid(logits)
    : transpose(softmax(transpose(logits, [0, 2, 3, 1])), [0, 3, 1, 2]);
