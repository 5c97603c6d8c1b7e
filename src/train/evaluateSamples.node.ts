/** Predicting labelled images and scoring them at native resolution. */
import { normaliseImage } from "../data/normalise.ts";
import type { Sample } from "../data/dataset.ts";
import { readSample } from "../data/readSample.node.ts";
import { resizeImage, resizeMap, resizeMask } from "../data/resize.ts";
import { scorePair } from "../metrics/scorePair.ts";
import { summarise, type Summary } from "../metrics/summarise.ts";
import type { EmptyPolicy } from "../metrics/emptyPolicy.ts";
import { worstFirst, type ImageScores } from "../report/tables.ts";
import { drawOverlay } from "../report/drawOverlay.ts";
import type { ReportExample } from "../report/writeRunReport.node.ts";
import {
  foregroundOf,
  type FloatMap,
  type Labels,
  type Mask,
  type RgbImage,
} from "../tensor/raster.ts";
import { predictWithFlips, type Prediction, type Predictor } from "./predictor.ts";

export interface EvaluationOptions {
  /** Average over flips; default false. */
  readonly tta?: boolean;
  /** Images the network sees at a time; default 4. */
  readonly batchSize?: number;
  /** Probability from which a pixel is foreground; default 0.5. */
  readonly threshold?: number;
  /** Height and width to score at; default 0: that of each image. */
  readonly scoreSize?: number;
  /** Distance where one mask is empty; default `diagonal`. */
  readonly empty?: EmptyPolicy;
  /** Called after each image. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Evaluation {
  readonly perImage: readonly ImageScores[];
  readonly summary: Summary;
}

interface Loaded {
  readonly sample: Sample;
  readonly image: RgbImage;
  readonly labels: Labels;
}

/**
 * Scores a network on samples, one class against background. The next images are read while the
 * network works.
 *
 * @throws {DataError} if an image or mask cannot be read.
 */
export async function evaluateSamples(
  predictor: Predictor,
  samples: readonly Sample[],
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const { tta = false, batchSize = 4, threshold = 0.5, scoreSize = 0, empty } = options;
  const perImage: ImageScores[] = [];
  const load = (start: number): Promise<Loaded[]> => {
    const chosen = samples.slice(start, start + batchSize);
    return Promise.all(chosen.map(async (sample) => ({ sample, ...(await readSample(sample)) })));
  };
  let next = load(0);
  for (let start = 0; start < samples.length; start += batchSize) {
    const batch = await next;
    next = load(start + batchSize);
    // Whoever awaits it sees the error.
    next.catch(() => undefined);
    const images = batch.map(({ image }) => image);
    const { probabilities } = await predictImages(predictor, images, tta);
    const planes = planesOf(probabilities, predictor.size);
    for (const [i, { sample, image, labels }] of batch.entries()) {
      options.signal?.throwIfAborted();
      const [width, height] = scoreSize ? [scoreSize, scoreSize] : [image.width, image.height];
      const prediction = toMask(resizeMap(planes[i]!, width, height), threshold);
      const truth = resizeMask(foregroundOf(labels), width, height);
      perImage.push({
        name: sample.name,
        scores: scorePair(prediction, truth, empty ? { empty } : {}),
      });
      options.onProgress?.(perImage.length, samples.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { perImage, summary: summarise(perImage.map(({ scores }) => scores)) };
}

/** Resizes and normalises images, and runs the network on them. */
export async function predictImages(
  predictor: Predictor,
  images: readonly RgbImage[],
  tta: boolean,
): Promise<Prediction> {
  const { size } = predictor;
  const input = new Float32Array(images.length * 3 * size * size);
  for (const [i, image] of images.entries()) {
    normaliseImage(resizeImage(image, size, size), input, i * 3 * size * size);
  }
  return tta
    ? predictWithFlips(predictor, input, images.length)
    : predictor.predict(input, images.length);
}

/** Every size x size plane as a map, without copying. */
export function planesOf(data: Float32Array, size: number): FloatMap[] {
  const area = size * size;
  return Array.from({ length: data.length / area }, (_, i) => ({
    width: size,
    height: size,
    data: data.subarray(i * area, (i + 1) * area),
  }));
}

/** 1 where the probability is at least `threshold`. */
export function toMask({ width, height, data }: FloatMap, threshold: number): Mask {
  const mask = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) mask[i] = data[i]! >= threshold ? 1 : 0;
  return { width, height, data: mask };
}

/**
 * The worst and the best cases as pictures for a report; they are predicted again, so that no map of
 * all the others needs keeping.
 *
 * @param count  half of them the worst, half the best
 */
export async function examplesOf(
  predictor: Predictor,
  samples: readonly Sample[],
  perImage: readonly ImageScores[],
  count: number,
  { tta = false, threshold = 0.5 }: EvaluationOptions = {},
): Promise<ReportExample[]> {
  const ordered = worstFirst(perImage).map(({ name }) => name);
  const half = Math.ceil(Math.min(count, ordered.length) / 2);
  const shown = new Set([...ordered.slice(0, half), ...ordered.slice(ordered.length - half)]);
  const examples: ReportExample[] = [];
  for (const name of [...shown].slice(0, count)) {
    const sample = samples.find((candidate) => candidate.name === name)!;
    const { image, labels } = await readSample(sample);
    const { probabilities } = await predictImages(predictor, [image], tta);
    const map = resizeMap(planesOf(probabilities, predictor.size)[0]!, image.width, image.height);
    const overlay = drawOverlay(image, {
      truth: foregroundOf(labels),
      prediction: toMask(map, threshold),
    });
    examples.push({ name, overlay, views: [{ image, caption: "image" }] });
  }
  return examples;
}
