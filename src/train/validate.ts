/** Validation during training: loss, Dice and IoU at the resolution of the network. */
import { countPixels, type PixelCounts } from "../metrics/countPixels.ts";
import { diceOf, iouOf } from "../metrics/overlap.ts";
import { classMask, type FloatMap, type Labels } from "../tensor/raster.ts";
import { classesOf } from "../predict/toLabels.ts";
import { alone, tell, type Ranks } from "./ranks.ts";
import { checkFinite } from "./trainBatch.ts";
import type { BatchSource, TrainingModel } from "../network/trainingModel.ts";

/** What the epochs of a run are compared by. */
export interface ValidationScores {
  /** Mean over the images. */
  readonly loss: number;
  readonly dice: number;
  readonly iou: number;
}

/** The planes of probabilities and masks. */
export interface ValidationOptions {
  /** Height and width. */
  readonly size: number;
  /** 1: foreground against background; else the probabilities' first channel is the background. */
  readonly channels: number;
  /** For messages, e.g. `in validation after epoch 3`. */
  readonly place: string;
  /** The processes that share the batches; default this one. */
  readonly ranks?: Ranks;
}

/**
 * Evaluates every image of `source` with running statistics.
 *
 * A single class: mean over the images; probabilities of at least 0.5 count as foreground. Several: the
 * most probable class of each pixel, Dice and IoU of each class over the pixels of all images (a class that
 * few images hold says little image by image), mean over the classes that occur.
 *
 * @throws {NumericError} if a loss is not finite, naming the images.
 */
export async function validate(
  model: TrainingModel,
  source: BatchSource,
  { size, channels, place, ranks = alone }: ValidationOptions,
): Promise<ValidationScores> {
  const seen: SeenBatch[] = [];
  let index = -1;
  for await (const { names, images: pictures, masks } of source.epoch(0)) {
    index++;
    const count = names.length;
    // The batch of another rank.
    if (count === 0) continue;
    const { terms, probabilities } = await model.evaluate(pictures, masks, count);
    checkFinite(terms, names, place);
    const tallies: PixelCounts[][] = [];
    seen.push({ index, images: count, loss: (terms["total"] ?? NaN) * count, tallies });
    const truths = masks.length / count;
    const area = size * size;
    for (let n = 0; n < count; n++) {
      const planes = (values: Float32Array, start: number): FloatMap[] =>
        Array.from({ length: channels }, (_, c) => ({
          width: size,
          height: size,
          data: values.subarray(start + c * area, start + (c + 1) * area),
        }));
      const predicted = classesOf(planes(probabilities, n * channels * area));
      const truth = classesOf(planes(masks, n * truths));
      tallies.push(countsOf(predicted, truth, channels));
    }
  }
  // In the order of the batches, whoever has seen them.
  const all = (await tell(ranks, seen)).flat().sort((a, b) => a.index - b.index);
  const images = all.reduce((sum, batch) => sum + batch.images, 0);
  const loss = all.reduce((sum, batch) => sum + batch.loss, 0);
  const tallies = all.flatMap((batch) => batch.tallies);
  const scores = channels === 1 ? meanOverImages(tallies) : meanOverClasses(tallies);
  return { loss: loss / images, ...scores };
}

/** What a batch gives. */
interface SeenBatch {
  readonly index: number;
  readonly images: number;
  readonly loss: number;
  /** Of every image, its classes. */
  readonly tallies: readonly PixelCounts[][];
}

type Overlap = Pick<ValidationScores, "dice" | "iou">;

const meanOverImages = (tallies: readonly PixelCounts[][]): Overlap =>
  meanOf(tallies.map(([counts]) => counts!));

function meanOverClasses(tallies: readonly PixelCounts[][]): Overlap {
  const classes = tallies[0]?.length ?? 0;
  const totals = Array.from({ length: classes }, (_, k) =>
    tallies.map((counts) => counts[k]!).reduce(addCounts),
  );
  return meanOf(
    totals.filter(
      ({ truePositives, falsePositives, falseNegatives }) =>
        truePositives + falsePositives + falseNegatives > 0,
    ),
  );
}

function meanOf(counts: readonly PixelCounts[]): Overlap {
  const mean = (of: (counts: PixelCounts) => number): number =>
    counts.reduce((sum, one) => sum + of(one), 0) / counts.length;
  return { dice: mean(diceOf), iou: mean(iouOf) };
}

const addCounts = (a: PixelCounts, b: PixelCounts): PixelCounts => ({
  truePositives: a.truePositives + b.truePositives,
  falsePositives: a.falsePositives + b.falsePositives,
  falseNegatives: a.falseNegatives + b.falseNegatives,
  trueNegatives: a.trueNegatives + b.trueNegatives,
});

/** The counts of each class. */
function countsOf(predicted: Labels, truth: Labels, channels: number): PixelCounts[] {
  const classes = channels === 1 ? 1 : channels - 1;
  return Array.from({ length: classes }, (_, k) =>
    countPixels(classMask(predicted, k + 1), classMask(truth, k + 1)),
  );
}
