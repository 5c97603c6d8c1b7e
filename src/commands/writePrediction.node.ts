/** What is written of a prediction: masks or class maps, probabilities, overlay, further maps. */
import { atomicWriteFile } from "../base/files.node.ts";
import {
  encodePng,
  writeImagePng,
  writeLabelPng,
  writeMapPng,
  writeMaskPng,
} from "../data/formats/writePng.node.ts";
import type { SeparateOptions } from "../instances/separateInstances.ts";
import { toGeoJson } from "../instances/toGeoJson.ts";
import { colourMap } from "../report/colourMap.ts";
import { drawLabels } from "../report/drawLabels.ts";
import { drawOverlay } from "../report/drawOverlay.ts";
import { InternalError } from "../base/errors.ts";
import type { FloatMap, Labels, Mask, RgbImage } from "../tensor/raster.ts";
import type { ImageMaps } from "../predict/predictMaps.ts";
import { classesOf, foregroundProbability, instancesOf } from "../predict/toLabels.ts";

/** What is predicted of every image. */
export interface Predicted {
  /** Number of classes. */
  readonly classes: number;
  /** Whether objects are told apart. */
  readonly instances: boolean;
  readonly maps: readonly ("edge" | "guidance")[];
}

/** Names after the image's own of the files that `writePrediction` writes. */
export const outputNames = ({ classes, instances, maps }: Predicted): string[] => [
  classes === 1 ? "_mask.png" : "_classes.png",
  ...(instances ? ["_instances.png", "_instances.geojson"] : []),
  ...probabilityNames(classes),
  "_overlay.png",
  ...maps.map((map) => `_${map}.png`),
];

const probabilityNames = (classes: number): string[] =>
  Array.from({ length: classes }, (_, k) =>
    classes === 1 ? "_probability.png" : `_probability_${k + 1}.png`,
  );

export interface WritePredictionOptions {
  /** Folder and beginning of the names. */
  readonly prefix: string;
  readonly threshold: number;
  /** How instances are told apart, beside the threshold. */
  readonly separate?: SeparateOptions;
  readonly maps: readonly ("edge" | "guidance")[];
  /** Tell objects apart; the maps must hold the edge. */
  readonly instances: boolean;
  /** Names of the classes 1 to K. */
  readonly classNames: readonly string[];
}

/** What was written of one image. */
export interface WrittenPrediction {
  readonly width: number;
  readonly height: number;
  /** Share of the pixels of each class. */
  readonly foreground: readonly number[];
  /** Objects found, where they are told apart. */
  readonly instances?: number;
  readonly files: readonly string[];
}

/** What was written, and the labels and the foreground's probability behind it. */
export interface PredictionResult {
  readonly written: WrittenPrediction;
  readonly labels: Labels;
  readonly probability: FloatMap;
}

/** @throws {DataError} if a file cannot be written. */
export async function writePrediction(
  image: RgbImage,
  predicted: ImageMaps,
  { prefix, threshold, separate, maps, instances, classNames }: WritePredictionOptions,
): Promise<PredictionResult> {
  const { width, height } = image;
  const labels = instances
    ? instancesOf(predicted, { ...separate, threshold })
    : classesOf(predicted.channels, { threshold });
  const probability = foregroundProbability(predicted.channels);
  const shown = predicted.channels.length === 1 ? predicted.channels : predicted.channels.slice(1);
  const masks = shown.map((_, k) => maskOfClass(labels, k + 1));
  const files: string[] = [];
  const write = async (name: string, writing: (path: string) => Promise<void>): Promise<void> => {
    await writing(prefix + name);
    files.push(prefix + name);
  };
  if (masks.length === 1) await write("_mask.png", (path) => writeMaskPng(path, masks[0]!));
  else await write("_classes.png", (path) => writeClasses(path, labels));
  if (labels.instances) {
    const data = labels.instances;
    await write("_instances.png", (path) => writeLabelPng(path, { width, height, data }));
    const collection = toGeoJson(labels, { classNames, probability });
    await write("_instances.geojson", (path) => atomicWriteFile(path, JSON.stringify(collection)));
  }
  for (const [k, name] of probabilityNames(shown.length).entries()) {
    await write(name, (path) => writeMapPng(path, shown[k]!));
  }
  const overlay =
    masks.length > 1 ? drawLabels(image, labels) : drawOverlay(image, { prediction: labels });
  await write("_overlay.png", (path) => writeImagePng(path, overlay));
  for (const kind of maps) {
    await write(`_${kind}.png`, (path) => {
      const map = requireMap(predicted[kind], kind);
      return kind === "edge" ? writeMapPng(path, map) : writeImagePng(path, colourMap(map));
    });
  }
  const foreground = masks.map(
    ({ data }) => data.reduce((sum, value) => sum + value, 0) / data.length,
  );
  const count = labels.instances && new Set(labels.instances.filter((id) => id > 0)).size;
  return {
    written: {
      width,
      height,
      foreground,
      ...(count !== undefined && { instances: count }),
      files,
    },
    labels,
    probability,
  };
}

function requireMap(map: FloatMap | undefined, kind: string): FloatMap {
  if (map === undefined) throw new InternalError(`prediction: must hold the map ${kind}, got none`);
  return map;
}

const maskOfClass = ({ width, height, classes }: Labels, k: number): Mask => ({
  width,
  height,
  data: classes.map((value) => (value === k ? 1 : 0)),
});

/** Class numbers as an 8-bit grey PNG. */
const writeClasses = async (path: string, labels: Labels): Promise<void> =>
  atomicWriteFile(path, await encodePng(labels, labels.classes, 1));
