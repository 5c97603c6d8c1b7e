/** Predicting labelled images and scoring them at native resolution. */
import type { Sample } from "../data/dataset.ts";
import type { Fit } from "../data/loader/networkInput.ts";
import { readSample } from "../data/readSample.node.ts";
import { resizeLabels, resizeMap } from "../data/images/resize.ts";
import { surveySpacings } from "../data/images/spacing.node.ts";
import { distanceUnit, type SpacingCount, type UnitChoice } from "../data/images/spacing.ts";
import type { SeparateOptions } from "../instances/separateInstances.ts";
import { scoreClasses, summariseClasses } from "../metrics/scoreClasses.ts";
import type { ClassScores, ClassSummary } from "../metrics/scoreClasses.ts";
import { scoreInstances, type PairInstanceScores } from "../metrics/scoreInstances.ts";
import { scorePair } from "../metrics/scorePair.ts";
import { summarise, type Summary } from "../metrics/summarise.ts";
import { summariseInstances, type InstanceSummary } from "../metrics/summariseInstances.ts";
import type { EmptyPolicy } from "../metrics/emptyPolicy.ts";
import { casesToShow, type ReportScores } from "../report/imageColumns.ts";
import type { ImageScores } from "../report/tables.ts";
import { drawExample, type ReportExample } from "../report/drawExample.ts";
import { resizedSpacing } from "./scoreFolders.node.ts";
import { foregroundOf, type FloatMap, type Labels, type RgbImage } from "../tensor/raster.ts";
import { predictMaps } from "../predict/predictMaps.ts";
import type { Predictor } from "../predict/predictor.ts";
import { classesOf, instancesOf } from "../predict/toLabels.ts";

export interface EvaluationOptions {
  /** How the network sees an image; default `resize`. */
  readonly fit?: Fit | undefined;
  /** With `crop`: pixels of the network that a pixel of the image becomes; default 1. */
  readonly zoom?: number;
  /** Score instances as well; the predictor must have been opened with maps. Default false. */
  readonly instances?: boolean | undefined;
  /** How instances are told apart, beside the threshold. */
  readonly separate?: SeparateOptions;
  /** Average over flips; default false. */
  readonly tta?: boolean;
  /** Probability from which a pixel is foreground; default 0.5. */
  readonly threshold?: number;
  /** Height and width to score at; default 0: that of each image. */
  readonly scoreSize?: number;
  /** Distance where one mask is empty; default `diagonal`. */
  readonly empty?: EmptyPolicy;
  /** Of the surface Dice, in the unit of the distances; default 1. */
  readonly nsdTolerance?: number;
  /** Unit of the distances; default `auto`: mm if every image tells the size of its pixels, else pixels. */
  readonly unit?: UnitChoice;
  /** Called after each image. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Evaluation {
  /** Of the foreground: all classes joined. */
  readonly perImage: readonly ImageScores[];
  readonly summary: Summary;
  /** How many of the images tell the size of their pixels in mm. */
  readonly spacing: SpacingCount;
  /** Of each class, where there are several. */
  readonly classes?: {
    readonly perImage: readonly ImageScores<ClassScores>[];
    readonly summary: ClassSummary;
  };
  /** Of the instances, where they are told apart. */
  readonly instances?: {
    readonly perImage: readonly ImageScores<PairInstanceScores>[];
    readonly summary: InstanceSummary;
  };
}

/**
 * Scores a network on samples. The next image is read while the network works. Where samples belong to
 * groups, the intervals are those of groups.
 *
 * At another `scoreSize` the spacing of an image becomes that of its resized pixels.
 *
 * @throws {DataError} if an image or mask cannot be read, or distances in mm are asked of images that do
 *   not tell the size of their pixels.
 */
export async function evaluateSamples(
  predictor: Predictor,
  samples: readonly Sample[],
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const { scoreSize = 0, empty, nsdTolerance, instances = false, unit: choice = "auto" } = options;
  const { spacings, ...spacing } = await surveySpacings(samples.map(({ image }) => image));
  const inMm = distanceUnit(spacing, choice, "evaluation") === "mm";
  const classes = Math.max(1, predictor.channels - 1);
  const perImage: ImageScores[] = [];
  const ofClasses: ImageScores<ClassScores>[] = [];
  const ofInstances: ImageScores<PairInstanceScores>[] = [];
  const load = (i: number) => (i < samples.length ? readSample(samples[i]!) : undefined);
  let next = load(0);
  for (const [i, { name, group }] of samples.entries()) {
    const named = { name, ...(group !== undefined && { group }) };
    options.signal?.throwIfAborted();
    const { image, labels } = (await next)!;
    next = load(i + 1);
    // Whoever awaits it sees the error.
    next?.catch(() => undefined);
    const [width, height] = scoreSize ? [scoreSize, scoreSize] : [image.width, image.height];
    const prediction = await predictLabels(predictor, image, width, height, options);
    // A network of a single class knows the foreground alone.
    const truth = resizeLabels(classes === 1 ? joined(labels) : labels, width, height);
    const [predicted, actual] = [foregroundOf(prediction), foregroundOf(truth)];
    const [y, x] = (inMm && spacings[i]) || [];
    const pairOptions = {
      ...(empty && { empty }),
      ...(nsdTolerance !== undefined && { nsdTolerance }),
      ...(y !== undefined &&
        x !== undefined && { spacingMm: resizedSpacing({ y, x }, image, { width, height }) }),
    };
    perImage.push({ ...named, scores: scorePair(predicted, actual, pairOptions) });
    if (classes > 1) {
      const scores = scoreClasses(prediction, truth, { ...pairOptions, classes });
      ofClasses.push({ ...named, scores });
    }
    if (instances)
      ofInstances.push({ ...named, scores: scoreInstances(prediction, truth, { classes }) });
    options.onProgress?.(perImage.length, samples.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const bootstrap = { groups: samples.map(({ group }) => group) };
  return {
    perImage,
    summary: summarise(scoresOf(perImage), bootstrap),
    spacing,
    ...(classes > 1 && {
      classes: { perImage: ofClasses, summary: summariseClasses(scoresOf(ofClasses), bootstrap) },
    }),
    ...(instances && {
      instances: {
        perImage: ofInstances,
        summary: summariseInstances(scoresOf(ofInstances), bootstrap),
      },
    }),
  };
}

const scoresOf = <Scores>(all: readonly ImageScores<Scores>[]): Scores[] =>
  all.map(({ scores }) => scores);

/** All classes as class 1. */
const joined = (labels: Labels): Labels => ({ ...labels, classes: foregroundOf(labels).data });

/** What the network says of an image, at the size to score at. */
async function predictLabels(
  predictor: Predictor,
  image: RgbImage,
  width: number,
  height: number,
  options: EvaluationOptions,
): Promise<Labels> {
  const { fit = "resize", zoom = 1, tta = false, threshold = 0.5, instances = false } = options;
  const { channels, edge } = await predictMaps(predictor, image, { fit, zoom, tta });
  const sized = (map: FloatMap): FloatMap => resizeMap(map, width, height);
  const maps = { channels: channels.map(sized), ...(edge && { edge: sized(edge) }) };
  return instances
    ? instancesOf(maps, { ...options.separate, threshold })
    : classesOf(maps.channels, { threshold });
}

/**
 * The worst and the best cases as pictures for a report; they are predicted again, so that no map of
 * all the others needs keeping. Instances have a contour each, as have classes where there are several.
 *
 * @param scores  of the samples; what is worst is said by its headline metric.
 * @param count   half of them the worst, half the best
 */
export async function examplesOf(
  predictor: Predictor,
  samples: readonly Sample[],
  scores: ReportScores,
  count: number,
  options: EvaluationOptions = {},
): Promise<ReportExample[]> {
  const { instances = false } = options;
  const several = predictor.channels > 2;
  const examples: ReportExample[] = [];
  for (const name of casesToShow(scores, count)) {
    const sample = samples.find((candidate) => candidate.name === name)!;
    const { image, labels } = await readSample(sample);
    const { width, height } = image;
    const predicted = await predictLabels(predictor, image, width, height, options);
    const [truth, prediction] = [several ? labels : joined(labels), predicted].map((all) =>
      instances ? all : withoutInstances(all),
    ) as [Labels, Labels];
    examples.push(drawExample(name, { truth, prediction, several }, image));
  }
  return examples;
}

const withoutInstances = ({ width, height, classes }: Labels): Labels => ({
  width,
  height,
  classes,
});
