/** What is written of a prediction: masks or class maps, probabilities, overlay, further maps. */
import { ArgumentError, DataError, NumericError } from "../base/errors.ts";
import { createFileSet, type FileSet } from "../base/fileSet.node.ts";
import { createPngRows, type PngKind, type PngRows } from "../data/formats/pngRows.node.ts";
import type { SeparateOptions } from "../instances/separateInstances.ts";
import { toGeoJson } from "../instances/toGeoJson.ts";
import { createCertainty } from "../predict/doubt.ts";
import type { MapRows } from "../predict/predictMaps.ts";
import { classesOfPlanes, foregroundOfPlanes, separateLabels } from "../predict/toLabels.ts";
import { colourMap } from "../report/colourMap.ts";
import { drawInParts } from "../report/drawInParts.ts";
import { drawLabels } from "../report/drawLabels.ts";
import { contourWidth, drawOverlay } from "../report/drawOverlay.ts";
import type { FloatMap, Labels, RgbImage } from "../tensor/raster.ts";

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

export interface WritePredictionOptions extends Predicted {
  /** Folder and beginning of the names. */
  readonly prefix: string;
  readonly threshold: number;
  /** How instances are told apart, beside the threshold. */
  readonly separate?: SeparateOptions;
  /** Names of the classes 1 to K. */
  readonly classNames: readonly string[];
}

/** What was written of one image. */
export interface WrittenPrediction {
  readonly width: number;
  readonly height: number;
  /** Share of the pixels of each class. */
  readonly foreground: readonly number[];
  /** The Dice to be expected if the probabilities are right; NaN of an empty mask. */
  readonly expectedDice: number;
  /** Objects found, where they are told apart. */
  readonly instances?: number;
  readonly files: readonly string[];
}

/** What was written, and where objects are told apart, what was found. */
export interface PredictionResult {
  readonly written: WrittenPrediction;
  readonly found?: { readonly labels: Labels; readonly probability: FloatMap };
}

/**
 * Writes the files of one image, all of them or none. Maps are written as they come; in memory are the image, the class of each
 * pixel and a few rows. Only telling objects apart needs whole maps, and the guidance its extremes.
 *
 * @throws {DataError} if a file cannot be written.
 * @throws {NumericError} if the network gives values that are no numbers.
 * @throws {ArgumentError} if the network has no map that is asked for.
 */
export async function writePrediction(
  image: RgbImage,
  predicted: AsyncIterable<MapRows>,
  options: WritePredictionOptions,
): Promise<PredictionResult> {
  const files = createFileSet();
  try {
    const result = await writeAll(files, image, predicted, options);
    await files.commit();
    return result;
  } finally {
    await files.discard();
  }
}

async function writeAll(
  files: FileSet,
  image: RgbImage,
  predicted: AsyncIterable<MapRows>,
  options: WritePredictionOptions,
): Promise<PredictionResult> {
  const { prefix, classes, instances, maps, threshold } = options;
  const { width, height } = image;
  const png = async (name: string, kind: PngKind): Promise<PngRows> =>
    createPngRows(await files.open(prefix + name), image, kind);
  const wholeMap = (): FloatMap => ({ width, height, data: new Float32Array(width * height) });

  const mask = await png(classes === 1 ? "_mask.png" : "_classes.png", "grey8");
  const idNames = instances && ["_instances.png", "_instances.geojson"];
  const ids = idNames && (await png(idNames[0]!, "grey16"));
  const outlines = idNames && (await files.open(prefix + idNames[1]!));
  const probabilities: PngRows[] = [];
  for (const name of probabilityNames(classes)) probabilities.push(await png(name, "grey8"));
  const overlay = await png("_overlay.png", "rgb8");
  const edgePng = maps.includes("edge") ? await png("_edge.png", "grey8") : undefined;
  const guidancePng = maps.includes("guidance") ? await png("_guidance.png", "rgb8") : undefined;

  let labels: Labels = { width, height, classes: new Uint8Array(width * height) };
  const foreground = instances ? wholeMap() : undefined;
  let edge: FloatMap | undefined;
  const guidance = guidancePng && wholeMap();
  const certainty = createCertainty();
  for await (const rows of predicted) {
    const at = rows.y * width;
    for (const plane of rows.channels) refuseNaN(plane, at, width);
    const found = classesOfPlanes(rows.channels, { threshold });
    labels.classes.set(found, at);
    if (!instances) await mask.write(classes === 1 ? toWhite(found) : found);
    const shown = rows.channels.slice(-classes);
    for (const [k, plane] of shown.entries()) await probabilities[k]!.write(toBytes(plane));
    const sure = foregroundOfPlanes(rows.channels);
    certainty.add(sure, found);
    foreground?.data.set(sure, at);
    if (rows.edge) refuseNaN(rows.edge, at, width);
    if (instances && rows.edge) (edge ??= wholeMap()).data.set(rows.edge, at);
    await edgePng?.write(toBytes(required(rows.edge, "edge")));
    guidance?.data.set(required(rows.guidance, "guidance"), at);
  }

  if (ids && outlines && foreground) {
    labels = separateLabels(labels, foreground, edge, { ...options.separate, threshold });
    for (const [from, to] of strips(width, height)) {
      const found = labels.classes.subarray(from, to);
      await mask.write(classes === 1 ? toWhite(found) : found);
      await ids.write(sixteenBits(labels.instances!.subarray(from, to)));
    }
    await ids.end();
    const { classNames } = options;
    const collection = toGeoJson(labels, { classNames, probability: foreground });
    await outlines.write(JSON.stringify(collection));
  }
  const thickness = contourWidth(image);
  const drawn =
    classes > 1
      ? drawInParts(image, labels, 1, drawLabels)
      : drawInParts(image, labels, thickness, (part, prediction) =>
          drawOverlay(part, { prediction }, thickness),
        );
  for (const rows of drawn) await overlay.write(rows);
  if (guidancePng && guidance) {
    const [low, high] = [least(guidance.data), most(guidance.data)];
    const range = low < high ? { low, high } : {};
    for (const [from, to] of strips(width, height)) {
      const part = { width, height: (to - from) / width, data: guidance.data.subarray(from, to) };
      await guidancePng.write(colourMap(part, "viridis", range).data);
    }
  }
  for (const rows of [mask, ...probabilities, overlay, edgePng, guidancePng]) await rows?.end();
  const count = labels.instances && countIds(labels.instances);
  return {
    written: {
      width,
      height,
      foreground: shares(labels.classes, classes),
      expectedDice: certainty.expectedDice(),
      ...(count !== undefined && { instances: count }),
      files: files.paths,
    },
    ...(foreground && { found: { labels, probability: foreground } }),
  };
}

/** Pixels that are turned into bytes at a time. */
const stripPixels = 2 ** 20;

/** Whole rows, as the indices of their first pixel and the one behind their last. */
function* strips(width: number, height: number): Generator<readonly [from: number, to: number]> {
  const step = Math.max(1, Math.floor(stripPixels / width)) * width;
  for (let from = 0; from < width * height; from += step) {
    yield [from, Math.min(width * height, from + step)];
  }
}

const toWhite = (classes: Uint8Array): Uint8Array =>
  classes.map((value) => (value === 0 ? 0 : 255));

/** round(255 v), v in 0..1. */
function toBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Math.floor(Math.min(1, Math.max(0, values[i]!)) * 255 + 0.5);
  }
  return bytes;
}

function sixteenBits(ids: Int32Array): Uint16Array {
  const highest = most(ids);
  if (highest <= 65535) return Uint16Array.from(ids);
  throw new DataError(
    `prediction: an image must have at most 65535 objects for a map of 16 bits, got ${highest}; cut it into parts`,
  );
}

function refuseNaN(values: Float32Array, at: number, width: number): void {
  const bad = values.findIndex(Number.isNaN);
  if (bad < 0) return;
  throw new NumericError(
    `prediction: the network must give numbers, got NaN at row ${Math.floor((at + bad) / width)}, column ${(at + bad) % width}; the weights may be damaged, take another checkpoint`,
  );
}

function required(rows: Float32Array | undefined, kind: string): Float32Array {
  if (rows !== undefined) return rows;
  throw new ArgumentError(
    `predict: maps must be ones that the network has, got ${kind}; leave it out`,
  );
}

const most = (values: Float32Array | Int32Array): number => {
  let found = -Infinity;
  for (const value of values) if (value > found) found = value;
  return found;
};

const least = (values: Float32Array): number => {
  let found = Infinity;
  for (const value of values) if (value < found) found = value;
  return found;
};

/** Share of the pixels of each of the classes 1 to `count`. */
function shares(classes: Uint8Array, count: number): number[] {
  const pixels = new Array<number>(count + 1).fill(0);
  for (const value of classes) pixels[value]!++;
  return pixels.slice(1).map((number) => number / classes.length);
}

function countIds(ids: Int32Array): number {
  const found = new Set<number>();
  for (const id of ids) if (id > 0) found.add(id);
  return found.size;
}
