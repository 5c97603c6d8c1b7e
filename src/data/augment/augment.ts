/** Augmentation of an image with its labels: seeded operations, one after another. */
import { Random } from "../../base/random.ts";
import type { Labelled, RgbImage } from "../../tensor/raster.ts";
import { brightness, contrast, gamma, hue, saturation } from "./colours.ts";
import { elastic } from "./elastic.ts";
import { gaussianBlur } from "./gaussianBlur.ts";
import { gaussianNoise } from "./gaussianNoise.ts";
import { drawWindow, resizedCrop } from "./resizedCrop.ts";
import { rotate } from "./rotate.ts";
import { scale } from "./scale.ts";
import { type PerStain, stainJitter } from "./stainJitter.ts";
import { flipHorizontal, flipVertical, rotate90 } from "./symmetries.ts";
import { type AugmentNumber, type AugmentOptions, type AugmentSettings } from "./augmentOptions.ts";
import { checkAugmentOptions } from "./augmentOptions.ts";
import { ArgumentError } from "../../base/errors.ts";

export type { AugmentOptions } from "./augmentOptions.ts";
export type { Border } from "./border.ts";

/** Draws the numbers of one operation and applies it. */
type Operation = (sample: Labelled, random: Random, settings: AugmentSettings) => Labelled;

/** An operation on colours alone. */
const onImage =
  (change: (image: RgbImage, random: Random, settings: AugmentSettings) => RgbImage): Operation =>
  ({ image, labels }, random, settings) => ({ image: change(image, random, settings), labels });

/** 1 + u, u uniform in -limit..limit. */
const around1 = (random: Random, limit: number): number => 1 + random.uniform(-limit, limit);

const perStain = (draw: () => number): PerStain => [draw(), draw(), draw()];

/** Operations after flips and rotation, in the order in which they are applied, by their probability. */
const operations: readonly (readonly [name: AugmentNumber, apply: Operation])[] = [
  ["rotate90", quarterTurns],
  ["scale", (sample, random, s) => scale(sample, around1(random, s.scaleLimit), s.border)],
  ["resizedCrop", enlargedCrop],
  [
    "elastic",
    (sample, random, s) => elastic(sample, random, s.elasticAlpha, s.elasticSigma, s.border),
  ],
  [
    "brightness",
    onImage((image, random, s) => brightness(image, around1(random, s.brightnessLimit))),
  ],
  ["contrast", onImage((image, random, s) => contrast(image, around1(random, s.contrastLimit)))],
  [
    "saturation",
    onImage((image, random, s) => saturation(image, around1(random, s.saturationLimit))),
  ],
  ["hue", onImage((image, random, s) => hue(image, random.uniform(-s.hueLimit, s.hueLimit)))],
  ["gamma", onImage((image, random, s) => gamma(image, around1(random, s.gammaLimit)))],
  ["stainJitter", onImage(otherStains)],
  [
    "gaussianBlur",
    onImage((image, random, s) => gaussianBlur(image, random.uniform(0, s.gaussianBlurSigma))),
  ],
  [
    "gaussianNoise",
    onImage((image, random, s) =>
      gaussianNoise(image, random, random.uniform(0, s.gaussianNoiseStd)),
    ),
  ],
];

function quarterTurns(sample: Labelled, random: Random): Labelled {
  const { width, height } = sample.labels;
  if (width !== height) {
    throw new ArgumentError(
      `augment: rotate90 must have square samples, or their size would change, got ${width} x ${height}`,
    );
  }
  return rotate90(sample, random.int(4));
}

function enlargedCrop(sample: Labelled, random: Random, settings: AugmentSettings): Labelled {
  const { width, height } = sample.labels;
  const window = drawWindow(random, width, height, {
    smallestArea: settings.resizedCropArea,
    largestRatio: settings.resizedCropRatio,
  });
  return resizedCrop(sample, window, width, height);
}

function otherStains(
  image: RgbImage,
  random: Random,
  { stainJitterSigma }: AugmentSettings,
): RgbImage {
  const alpha = perStain(() => around1(random, stainJitterSigma));
  const beta = perStain(() => random.uniform(-stainJitterSigma, stainJitterSigma));
  return stainJitter(image, alpha, beta);
}

/**
 * The sample after every operation that comes up, each with its own probability: flips and rotation,
 * then the other changes of geometry, then those of colour. The size stays.
 *
 * Every call takes five numbers from `random`: one for each flip, two for the rotation, and one that
 * names the streams of all other operations, so that none changes what another one draws.
 *
 * @throws {ArgumentError} if an option is unknown or outside its range, or `rotate90` comes up for a
 *   sample that is not square.
 */
export const augment = (sample: Labelled, random: Random, options: AugmentOptions = {}): Labelled =>
  augmentWith(sample, random, checkAugmentOptions(options));

/** The same with settings that were checked before, once for all samples. */
export function augmentWith(sample: Labelled, random: Random, settings: AugmentSettings): Labelled {
  const flipX = random.chance(settings.horizontalFlip);
  const flipY = random.chance(settings.verticalFlip);
  const turn = random.chance(settings.rotate);
  const degrees = random.uniform(-settings.rotateLimitDegrees, settings.rotateLimitDegrees);
  const key = random.int(2 ** 32);
  let result = sample;
  if (flipX) result = flipHorizontal(result);
  if (flipY) result = flipVertical(result);
  if (turn) result = rotate(result, degrees, settings.border);
  for (const [name, apply] of operations) {
    if (settings[name] === 0) continue;
    const own = Random.of("augment", key, name);
    if (own.chance(settings[name])) result = apply(result, own, settings);
  }
  return result;
}
