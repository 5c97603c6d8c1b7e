/** The options of augmentation: one table of ranges, defaults and meanings. */
import { ArgumentError } from "../../base/errors.ts";
import type { Border } from "./border.ts";

/** What is known of a number among the options. */
export interface AugmentRange {
  /** Whether it says how often an operation comes up, or how strong it is. */
  readonly kind: "probability" | "strength";
  readonly low: number;
  readonly high: number;
  readonly default: number;
  readonly description: string;
}

const probability = (description: string, value = 0): AugmentRange => ({
  kind: "probability",
  low: 0,
  high: 1,
  default: value,
  description: `probability of ${description}`,
});

const range = (low: number, high: number, value: number, description: string): AugmentRange => ({
  kind: "strength",
  low,
  high,
  default: value,
  description,
});

/**
 * Every number. The defaults are the paper's "random flips and +-20 degree rotations"; all else is off,
 * and has a strength that is in use for when it is turned on.
 */
export const augmentRanges = {
  /** Probability of a left-right flip. */
  horizontalFlip: probability("a left-right flip", 0.5),
  /** Probability of a top-bottom flip. */
  verticalFlip: probability("a top-bottom flip", 0.5),
  /** Probability of a rotation. */
  rotate: probability("a rotation", 0.5),
  /** The angle is uniform in -limit..limit degrees. */
  rotateLimitDegrees: range(0, 180, 20, "largest angle of a rotation, degrees"),
  /** Probability of 0 to 3 quarter turns, equally likely. */
  rotate90: probability("quarter turns, 0 to 3 of them"),
  /** Probability of zooming about the centre. */
  scale: probability("zooming about the centre"),
  /** The factor is uniform in 1 - limit..1 + limit. */
  scaleLimit: range(0, 0.9, 0.2, "scale: the factor is within 1 +- this"),
  /** Probability of a random resized crop. */
  resizedCrop: probability("a random crop, enlarged to the whole"),
  /** The area of the crop is uniform in this..1 of the picture's. */
  resizedCropArea: range(0.01, 1, 0.5, "crop: smallest share of the area"),
  /** The aspect ratio of the crop is log-uniform in 1 / this..this. */
  resizedCropRatio: range(1, 10, 1.33, "crop: largest ratio of its sides"),
  /** Probability of an elastic deformation. */
  elastic: probability("an elastic deformation"),
  /** Strength of the elastic deformation. */
  elasticAlpha: range(0, 10_000, 120, "elastic: strength alpha"),
  /** Smoothness of the elastic deformation, pixels. */
  elasticSigma: range(0.5, 100, 6, "elastic: smoothness sigma, pixels"),
  /** Probability of another brightness. */
  brightness: probability("another brightness"),
  /** The factor is uniform in 1 - limit..1 + limit. */
  brightnessLimit: range(0, 1, 0.2, "brightness: the factor is within 1 +- this"),
  /** Probability of another contrast. */
  contrast: probability("another contrast"),
  /** The factor is uniform in 1 - limit..1 + limit. */
  contrastLimit: range(0, 1, 0.2, "contrast: the factor is within 1 +- this"),
  /** Probability of another saturation. */
  saturation: probability("another saturation"),
  /** The factor is uniform in 1 - limit..1 + limit. */
  saturationLimit: range(0, 1, 0.2, "saturation: the factor is within 1 +- this"),
  /** Probability of other hues. */
  hue: probability("other hues"),
  /** The turn is uniform in -limit..limit of the colour circle. */
  hueLimit: range(0, 0.5, 0.05, "hue: largest turn, a share of the colour circle"),
  /** Probability of another gamma. */
  gamma: probability("another gamma"),
  /** The exponent is uniform in 1 - limit..1 + limit. */
  gammaLimit: range(0, 0.9, 0.2, "gamma: the exponent is within 1 +- this"),
  /** Probability of other stains, for histology. */
  stainJitter: probability("other stains, for histology (H, E and DAB)"),
  /** For each stain: factor uniform in 1 - sigma..1 + sigma, addition in -sigma..sigma. */
  stainJitterSigma: range(0, 1, 0.05, "stains: factor within 1 +- this, addition within +- this"),
  /** Probability of a Gaussian blur. */
  gaussianBlur: probability("a Gaussian blur"),
  /** Sigma is uniform in 0..limit, pixels. */
  gaussianBlurSigma: range(0, 20, 1.5, "blur: largest sigma, pixels"),
  /** Probability of Gaussian noise. */
  gaussianNoise: probability("Gaussian noise"),
  /** The deviation is uniform in 0..limit, as a share of the range of values. */
  gaussianNoiseStd: range(0, 1, 0.05, "noise: largest deviation, a share of the range of values"),
} as const satisfies Record<string, AugmentRange>;

/** The names of the numbers among the options. */
export type AugmentNumber = keyof typeof augmentRanges;

/** What is left out has the default of `augmentRanges`; a probability of 0 turns an operation off. */
export type AugmentOptions = { readonly [K in keyof typeof augmentRanges]?: number } & {
  /** Default `reflect101`, Albumentations' own up to 1.4.24; `constant` is its default from 2.0.0 on. */
  readonly border?: Border;
};

/** All options, filled in. */
export type AugmentSettings = Readonly<Record<AugmentNumber, number>> & {
  readonly border: Border;
};

/** The choices of `border`. */
export const borders = ["reflect101", "constant"] as const satisfies readonly Border[];

export const augmentNumbers = Object.keys(augmentRanges) as AugmentNumber[];

/** The operations, by the names of their probabilities. */
export const augmentOperations: readonly AugmentNumber[] = augmentNumbers.filter(
  (name) => augmentRanges[name].kind === "probability",
);

/** The defaults of every option. */
export const augmentDefaults: AugmentSettings = {
  ...(Object.fromEntries(
    Object.entries(augmentRanges).map(([name, known]) => [name, known.default]),
  ) as Record<AugmentNumber, number>),
  border: "reflect101",
};

/**
 * The options with their defaults.
 *
 * @throws {ArgumentError} if an option is unknown or outside its range.
 */
export function checkAugmentOptions(options: AugmentOptions): AugmentSettings {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(augmentDefaults, name)) continue;
    throw new ArgumentError(
      `augment: every option must be a known one (${Object.keys(augmentDefaults).join(", ")}), got "${name}"`,
    );
  }
  const settings = { ...augmentDefaults, ...options };
  for (const name of augmentNumbers) {
    const { kind, low, high } = augmentRanges[name];
    const value = settings[name];
    if (value >= low && value <= high) continue;
    const must = kind === "probability" ? "a probability in" : "in";
    throw new ArgumentError(`augment: ${name} must be ${must} ${low}..${high}, got ${value}`);
  }
  if (!borders.includes(settings.border)) {
    throw new ArgumentError(
      `augment: border must be one of ${borders.join(", ")}, got ${JSON.stringify(settings.border)}`,
    );
  }
  return settings;
}
