/** Prediction: masks, probability maps and pictures for image files of any size. */
import { basename, join } from "node:path";
import { z } from "zod";
import { stemOf } from "../data/dataset.ts";
import { listImages } from "../data/openDataset.node.ts";
import { readImage } from "../data/readImage.node.ts";
import { resizeMap } from "../data/resize.ts";
import { writeImagePng, writeMapPng, writeMaskPng } from "../data/writePng.node.ts";
import { colourMap } from "../report/colourMap.ts";
import { drawOverlay } from "../report/drawOverlay.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { FloatMap, RgbImage } from "../tensor/raster.ts";
import type { Engine } from "./engine.ts";
import { nodeEngine } from "./engine.node.ts";
import { planesOf, predictImages, toMask } from "./evaluateSamples.node.ts";
import { openCheckpoint } from "./openCheckpoint.node.ts";
import { checkOptions } from "./options.ts";
import type { Prediction } from "./predictor.ts";
import { exists } from "./runFolder.node.ts";
import {
  checkpointOption,
  deviceOption,
  plainPresetOption,
  thresholdOption,
  threadsOption,
  ttaOption,
} from "./runtimeOptions.ts";

export const predictSchema = z.strictObject({
  checkpoint: checkpointOption,
  preset: plainPresetOption,
  inputs: z.array(z.string().min(1)).min(1).describe("image files and folders of images"),
  out: z.string().min(1).describe("folder for the results"),
  tta: ttaOption.default(false),
  threshold: thresholdOption.default(0.5),
  maps: z
    .array(z.enum(["edge", "guidance"]))
    .default([])
    .describe("further maps to write"),
  overwrite: z.boolean().default(false).describe("replace files that are already there"),
  device: deviceOption.default("auto"),
  threads: threadsOption.default(0),
});

export type PredictOptions = z.input<typeof predictSchema>;

/** What watches and steers a prediction. */
export interface PredictHooks {
  onProgress?(done: number, total: number): void;
  readonly signal?: AbortSignal;
  /** Default: ONNX Runtime on Node. */
  readonly engine?: Engine;
}

/** What was made of one image. */
export interface PredictedImage {
  readonly image: string;
  readonly width: number;
  readonly height: number;
  /** Share of foreground pixels, one for each class. */
  readonly foreground: readonly number[];
  readonly files: readonly string[];
}

/**
 * Predicts images and writes, at their own size, for each `<name>_mask.png`, `<name>_probability.png`
 * (8 bits, 255 = 1) and `<name>_overlay.png`; with `maps` also `_edge.png` and `_guidance.png`. A network
 * of several classes writes one mask and one probability map a class, `<name>_mask_1.png` and so on.
 *
 * @throws {ArgumentError} for unusable options, two images of one name, or files that are in the way.
 * @throws {DataError} for a checkpoint or an image that cannot be read, or a folder not to be written.
 */
export async function predict(
  options: PredictOptions,
  hooks: PredictHooks = {},
): Promise<PredictedImage[]> {
  const checked = checkOptions(predictSchema, options, "options of predict");
  const { out, tta, maps, device, threads } = checked;
  const { engine = nodeEngine, signal } = hooks;
  const paths = (await Promise.all(checked.inputs.map(listImages))).flat();
  const stems = uniqueStems(paths);
  const { config, weights } = await openCheckpoint(
    checked.checkpoint,
    checked.preset && { preset: checked.preset },
  );
  const names = outputNames(config.model.classes, maps);
  if (!checked.overwrite) await refuseExisting(out, [...stems.keys()], names);

  const predictor = await engine.openPredictor(config, weights, {
    device,
    threads,
    maps: maps.length > 0,
  });
  const results: PredictedImage[] = [];
  try {
    for (const [stem, path] of stems) {
      signal?.throwIfAborted();
      const image = await readImage(path);
      const prediction = await predictImages(predictor, [image], tta);
      const write = { ...checked, size: predictor.size, prefix: join(out, stem) };
      results.push({ image: path, ...(await writeResults(image, prediction, write)) });
      hooks.onProgress?.(results.length, stems.size);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await predictor.dispose();
  }
  return results;
}

function uniqueStems(paths: readonly string[]): Map<string, string> {
  const stems = new Map<string, string>();
  for (const path of paths) {
    const stem = stemOf(basename(path));
    const other = stems.get(stem);
    if (other !== undefined) {
      throw new ArgumentError(
        `predict: images must differ in their names without extension, got ${other} and ${path}; predict them into separate folders`,
      );
    }
    stems.set(stem, path);
  }
  return stems;
}

/** `_mask.png`, or `_mask_1.png`, `_mask_2.png`, ... */
const perClass = (kind: string, classes: number): string[] =>
  Array.from({ length: classes }, (_, k) =>
    classes === 1 ? `_${kind}.png` : `_${kind}_${k + 1}.png`,
  );

const outputNames = (classes: number, maps: readonly string[]): string[] => [
  ...perClass("mask", classes),
  ...perClass("probability", classes),
  "_overlay.png",
  ...maps.map((map) => `_${map}.png`),
];

async function refuseExisting(
  out: string,
  stems: readonly string[],
  names: readonly string[],
): Promise<void> {
  for (const stem of stems) {
    for (const name of names) {
      const path = join(out, stem + name);
      if (!(await exists(path))) continue;
      throw new ArgumentError(
        `${path}: output file must not exist yet, got one; choose another folder, or replace files with --overwrite`,
      );
    }
  }
}

interface WriteOptions {
  readonly prefix: string;
  readonly threshold: number;
  readonly maps: readonly ("edge" | "guidance")[];
  /** Height and width of the network's input. */
  readonly size: number;
}

async function writeResults(
  image: RgbImage,
  { probabilities, maps }: Prediction,
  { prefix, threshold, size, maps: wanted }: WriteOptions,
): Promise<Omit<PredictedImage, "image">> {
  const { width, height } = image;
  const files: string[] = [];
  const foreground: number[] = [];
  const planes = planesOf(probabilities, size);
  const maskNames = perClass("mask", planes.length);
  const mapNames = perClass("probability", planes.length);
  let overlay = image;
  for (const [k, plane] of planes.entries()) {
    const map = resizeMap(plane, width, height);
    const mask = toMask(map, threshold);
    foreground.push(mask.data.reduce((sum, value) => sum + value, 0) / mask.data.length);
    overlay = drawOverlay(overlay, { prediction: mask });
    await writeMaskPng(prefix + maskNames[k]!, mask);
    await writeMapPng(prefix + mapNames[k]!, map);
    files.push(prefix + maskNames[k]!, prefix + mapNames[k]!);
  }
  await writeImagePng(`${prefix}_overlay.png`, overlay);
  files.push(`${prefix}_overlay.png`);
  for (const kind of wanted) {
    const path = `${prefix}_${kind}.png`;
    if (kind === "edge") {
      await writeMapPng(path, resizeMap(planesOf(maps!.edge, size)[0]!, width, height));
    } else {
      await writeImagePng(path, colourMap(resizeMap(guidanceMap(maps!), width, height)));
    }
    files.push(path);
  }
  return { width, height, foreground, files };
}

/** Mean over channels of the size of the guidance, the one map that shows where there is any. */
function guidanceMap({
  guidance,
  guidanceShape: [channels, height, width],
}: NonNullable<Prediction["maps"]>): FloatMap {
  const area = height * width;
  const data = new Float32Array(area);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < area; i++) data[i]! += Math.abs(guidance[c * area + i]!) / channels;
  }
  return { width, height, data };
}
