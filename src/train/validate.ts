/** Validation during training: loss, Dice and IoU at the resolution of the network. */
import { countPixels } from "../metrics/countPixels.ts";
import { diceOf, iouOf } from "../metrics/overlap.ts";
import type { Mask } from "../tensor/raster.ts";
import { checkFinite } from "./trainBatch.ts";
import type { BatchSource, TrainingModel } from "./trainingModel.ts";

/** Means over the images; Dice and IoU also over the classes. */
export interface ValidationScores {
  readonly loss: number;
  readonly dice: number;
  readonly iou: number;
}

/**
 * Evaluates every image of `source` with running statistics; probabilities of at least 0.5 count as
 * foreground.
 *
 * @param size   height and width
 * @param place  for messages, e.g. `in validation after epoch 3`
 * @throws {NumericError} if a loss is not finite, naming the images.
 */
export async function validate(
  model: TrainingModel,
  source: BatchSource,
  size: number,
  place: string,
): Promise<ValidationScores> {
  let images = 0;
  let planes = 0;
  const sums = { loss: 0, dice: 0, iou: 0 };
  for await (const batch of source.epoch(0)) {
    const count = batch.names.length;
    const { terms, probabilities } = await model.evaluate(batch.images, batch.masks, count);
    checkFinite(terms, batch.names, place);
    sums.loss += (terms["total"] ?? NaN) * count;
    images += count;
    const area = size * size;
    for (let at = 0; at < probabilities.length; at += area) {
      const counts = countPixels(
        threshold(probabilities.subarray(at, at + area), size),
        threshold(batch.masks.subarray(at, at + area), size),
      );
      sums.dice += diceOf(counts);
      sums.iou += iouOf(counts);
      planes++;
    }
  }
  return { loss: sums.loss / images, dice: sums.dice / planes, iou: sums.iou / planes };
}

const threshold = (values: Float32Array, size: number): Mask => ({
  width: size,
  height: size,
  data: Uint8Array.from(values, (value) => (value >= 0.5 ? 1 : 0)),
});
