/** Prediction: masks, probability maps and pictures for image files of any size. */
import { basename, join } from "node:path";
import { z } from "zod";
import { stemOf } from "../data/dataset.ts";
import { listImages } from "../data/openDataset.node.ts";
import type { Fit } from "../data/loader/networkInput.ts";
import { atomicWriteFile } from "../base/files.node.ts";
import { readImage } from "../data/images/readImage.node.ts";
import { ArgumentError } from "../base/errors.ts";
import { toCoco, type CocoDocument } from "../instances/toCoco.ts";
import type { Engine } from "../network/engine.ts";
import { nodeEngine } from "../network/engine.node.ts";
import { openCheckpoint } from "../run/openCheckpoint.node.ts";
import { checkOptions, folderOption } from "../base/options.ts";
import { predictMaps } from "../predict/predictMaps.ts";
import { exists } from "../run/runFolder.node.ts";
import { separationOf, separationOptions } from "./separationOptions.ts";
import { outputNames, writePrediction, type WrittenPrediction } from "./writePrediction.node.ts";
import {
  checkpointOption,
  deviceOption,
  plainOptions,
  thresholdOption,
  threadsOption,
  ttaOption,
} from "../run/runtimeOptions.ts";

export const predictSchema = z.strictObject({
  checkpoint: checkpointOption,
  ...plainOptions,
  inputs: z.array(z.string().min(1)).min(1).describe("image files and folders of images"),
  out: folderOption("folder for the results"),
  tta: ttaOption.default(false),
  threshold: thresholdOption.default(0.5),
  ...separationOptions,
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
export interface PredictedImage extends WrittenPrediction {
  readonly image: string;
}

/**
 * Predicts images and writes, at their own size, for each `<name>_mask.png`, `<name>_probability.png`
 * (8 bits, 255 = 1) and `<name>_overlay.png`; with `maps` also `_edge.png` and `_guidance.png`. A network
 * of several classes writes `<name>_classes.png` (the number of each pixel's class, 0 the background) in
 * place of the mask, and one probability map a class, `<name>_probability_1.png` and so on. A network that
 * tells instances apart also writes `<name>_instances.png` (16 bits, a number an object, 0 the background)
 * and `<name>_instances.geojson`, and `instances.json` with the objects of all images in COCO's form.
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
  const { config, facts, weights } = await openCheckpoint(checked.checkpoint, checked);
  const { fit = "resize", zoom, instances = false, classNames = ["foreground"] } = config.data;
  refuseGuidance(fit, maps);
  const names = outputNames({ classes: facts.labels.classes, instances, maps });
  const coco = join(out, "instances.json");
  if (!checked.overwrite) {
    await refuseExisting(
      [...stems.keys()].flatMap((stem) => names.map((n) => join(out, stem + n))),
    );
    if (instances) await refuseExisting([coco]);
  }

  const predictor = await engine.openPredictor(facts, weights, {
    device,
    threads,
    maps: maps.length > 0 || instances,
  });
  const results: PredictedImage[] = [];
  const documents: CocoDocument[] = [];
  try {
    for (const [stem, path] of stems) {
      signal?.throwIfAborted();
      const image = await readImage(path);
      const predicted = await predictMaps(predictor, image, { fit, zoom, tta });
      const separate = separationOf(checked);
      const write = { ...checked, separate, instances, classNames, prefix: join(out, stem) };
      const { written, labels, probability } = await writePrediction(image, predicted, write);
      results.push({ image: path, ...written });
      if (instances) {
        documents.push(toCoco([{ fileName: basename(path), labels, probability }], classNames));
      }
      hooks.onProgress?.(results.length, stems.size);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await predictor.dispose();
  }
  if (instances) await atomicWriteFile(coco, JSON.stringify(joinCoco(documents)));
  return results;
}

/** One document of several that hold an image each. */
function joinCoco(documents: readonly CocoDocument[]): CocoDocument {
  let count = 0;
  return {
    images: documents.flatMap(({ images }, i) => images.map((image) => ({ ...image, id: i + 1 }))),
    categories: documents[0]?.categories ?? [],
    annotations: documents.flatMap(({ annotations }, i) =>
      annotations.map((annotation) => ({ ...annotation, id: ++count, image_id: i + 1 })),
    ),
  };
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

/** Guidance belongs to a whole image: tiles have no one scale to blend theirs at. */
function refuseGuidance(fit: Fit, maps: readonly string[]): void {
  if (fit === "resize" || !maps.includes("guidance")) return;
  throw new ArgumentError(
    "predict: maps must be edge alone for a network that sees tiles, got guidance; train with --fit resize to see it",
  );
}

async function refuseExisting(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (!(await exists(path))) continue;
    throw new ArgumentError(
      `${path}: output file must not exist yet, got one; choose another folder, or replace files with --overwrite`,
    );
  }
}
