/** What a network says of labelled images, as a source of pairs to score. */
import type { Sample } from "../data/dataset.ts";
import type { Fit } from "../data/loader/networkInput.ts";
import { readSample } from "../data/readSample.node.ts";
import { createRowResizer, resizeLabels, resizeMap } from "../data/images/resize.ts";
import { surveySpacings } from "../data/images/spacing.node.ts";
import type { SeparateOptions } from "../instances/separateInstances.ts";
import { predictMaps, predictRows } from "../predict/predictMaps.ts";
import type { Predictor } from "../predict/predictor.ts";
import { classesOfPlanes, instancesOf } from "../predict/toLabels.ts";
import {
  foregroundOf,
  type FloatMap,
  type Labelled,
  type Labels,
  type RgbImage,
} from "../tensor/raster.ts";
import { ahead } from "./filePairs.node.ts";
import type { LabelPair, PairSource, PairView } from "./scorePairs.ts";

export interface PredictedPairOptions {
  /** How the network sees an image; default `resize`. */
  readonly fit?: Fit | undefined;
  /** With `crop`: pixels of the network that a pixel of the image becomes; default 1. */
  readonly zoom?: number;
  /** Tell instances apart; the predictor must have been opened with maps. Default false. */
  readonly instances?: boolean | undefined;
  /** How instances are told apart, beside the threshold. */
  readonly separate?: SeparateOptions;
  /** Average over flips; default false. */
  readonly tta?: boolean;
  /** Probability from which a pixel is foreground; default 0.5. */
  readonly threshold?: number;
  /** Height and width to score at; default 0: that of each image. */
  readonly scoreSize?: number;
  /** What is shown of a sample; default: what its files hold. */
  readonly read?: (sample: Sample) => Promise<Labelled>;
}

/** K of the labels that a network gives: a single channel knows the foreground alone. */
export const classCount = ({ channels }: Predictor): number => Math.max(1, channels - 1);

/**
 * Predicts samples, at the size of each image or at `scoreSize`. The next image is read while the network
 * works. Pairs are views once more by predicting again, so that no map of all the others needs keeping.
 *
 * Its `pairs` and `view` throw a DataError if an image or its labels cannot be read.
 */
export function predictedPairs(
  predictor: Predictor,
  samples: readonly Sample[],
  options: PredictedPairOptions = {},
): PairSource {
  const { scoreSize = 0, instances = false, read = readWhole } = options;
  const known = (labels: Labels): Labels => (classCount(predictor) === 1 ? joined(labels) : labels);
  return {
    count: samples.length,
    where: "evaluation",
    spacings: () => surveySpacings(samples.map(({ image }) => image)),
    async *pairs(): AsyncGenerator<LabelPair> {
      for await (const [sample, { image, labels }] of ahead(samples, read)) {
        const { name, group, image: path } = sample;
        const [width, height] = scoreSize ? [scoreSize, scoreSize] : [image.width, image.height];
        const prediction = await predictLabels(predictor, image, width, height, options);
        const truth = resizeLabels(known(labels), width, height);
        const native = { width: image.width, height: image.height };
        yield { name, ...(group !== undefined && { group }), prediction, truth, native, path };
      }
    },
    async view(name): Promise<PairView> {
      const sample = samples.find((candidate) => candidate.name === name)!;
      const { image, labels } = await read(sample);
      const { width, height } = image;
      const prediction = await predictLabels(predictor, image, width, height, options);
      // Contours are of instances only where both sides are scored by them.
      const shown = instances ? (all: Labels) => all : withoutInstances;
      return { prediction: shown(prediction), truth: shown(known(labels)), image };
    },
  };
}

const readWhole = (sample: Sample): Promise<Labelled> => readSample(sample);

/** All classes as class 1. */
const joined = (labels: Labels): Labels => ({ ...labels, classes: foregroundOf(labels).data });

const withoutInstances = ({ width, height, classes }: Labels): Labels => ({
  width,
  height,
  classes,
});

/** What the network says of an image, at the size to score at. */
async function predictLabels(
  predictor: Predictor,
  image: RgbImage,
  width: number,
  height: number,
  options: PredictedPairOptions,
): Promise<Labels> {
  const { fit = "resize", zoom = 1, tta = false, threshold = 0.5, instances = false } = options;
  if (!instances) {
    // Without instances the class of each pixel is all that is kept: the maps are never whole.
    const classes = new Uint8Array(width * height);
    const resizer = createRowResizer(image, { width, height });
    let at = 0;
    for await (const { channels } of predictRows(predictor, image, { fit, zoom, tta })) {
      const planes = resizer.push(channels);
      const found = classesOfPlanes(planes, { threshold });
      classes.set(found, at);
      at += found.length;
    }
    return { width, height, classes };
  }
  const { channels, edge } = await predictMaps(predictor, image, { fit, zoom, tta });
  const sized = (map: FloatMap): FloatMap => resizeMap(map, width, height);
  const maps = { channels: channels.map(sized), ...(edge && { edge: sized(edge) }) };
  return instancesOf(maps, { ...options.separate, threshold });
}
