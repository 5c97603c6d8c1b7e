/** What is written of a prediction: masks or class maps, probabilities, overlay, further maps. */
import { atomicWriteFile } from "../data/files.node.ts";
import { encodePng, writeImagePng, writeMapPng, writeMaskPng } from "../data/writePng.node.ts";
import { colourMap } from "../report/colourMap.ts";
import { drawOverlay } from "../report/drawOverlay.ts";
import { InternalError } from "../tensor/errors.ts";
import type { FloatMap, Labels, Mask, RgbImage } from "../tensor/raster.ts";
import type { ImageMaps } from "./predictMaps.ts";
import { classesOf } from "./toLabels.ts";

/** Names after the image's own of the files that `writePrediction` writes. */
export const outputNames = (classes: number, maps: readonly string[]): string[] => [
  classes === 1 ? "_mask.png" : "_classes.png",
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
  readonly maps: readonly ("edge" | "guidance")[];
}

/** What was written of one image. */
export interface WrittenPrediction {
  readonly width: number;
  readonly height: number;
  /** Share of the pixels of each class. */
  readonly foreground: readonly number[];
  readonly files: readonly string[];
}

/** @throws {DataError} if a file cannot be written. */
export async function writePrediction(
  image: RgbImage,
  predicted: ImageMaps,
  { prefix, threshold, maps }: WritePredictionOptions,
): Promise<WrittenPrediction> {
  const { width, height } = image;
  const labels = classesOf(predicted.channels, { threshold });
  const shown = predicted.channels.length === 1 ? predicted.channels : predicted.channels.slice(1);
  const masks = shown.map((_, k) => maskOfClass(labels, k + 1));
  const files: string[] = [];
  const write = async (name: string, writing: (path: string) => Promise<void>): Promise<void> => {
    await writing(prefix + name);
    files.push(prefix + name);
  };
  if (masks.length === 1) await write("_mask.png", (path) => writeMaskPng(path, masks[0]!));
  else await write("_classes.png", (path) => writeClasses(path, labels));
  for (const [k, name] of probabilityNames(shown.length).entries()) {
    await write(name, (path) => writeMapPng(path, shown[k]!));
  }
  const overlay = masks.reduce((drawn, mask) => drawOverlay(drawn, { prediction: mask }), image);
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
  return { width, height, foreground, files };
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
