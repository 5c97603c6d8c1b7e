/** Prediction: masks, probability maps and pictures for image files of any size. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { ArgumentError, DataError, NumericError } from "../base/errors.ts";
import { atomicWriteFile, makeFolder, notWritable } from "../base/files.node.ts";
import { parseJson } from "../base/json.ts";
import { checkOptions, fileOption, folderOption } from "../base/options.ts";
import { appearanceOf } from "../data/appearance.ts";
import type { Fit } from "../data/loader/networkInput.ts";
import { readLabelMapFile } from "../data/labels/labelFiles.node.ts";
import { readSampleImage } from "../data/readSample.node.ts";
import { toCoco, type CocoDocument } from "../instances/toCoco.ts";
import type { Engine } from "../network/engine.ts";
import { nodeEngine } from "../network/engine.node.ts";
import { asSeen, doubtsOf, type Doubt } from "../predict/doubt.ts";
import { knownIfEnough, noveltyOf } from "../predict/novelty.ts";
import { preferOption } from "../run/dataOptions.ts";
import { exists } from "../run/runFolder.node.ts";
import {
  deviceOption,
  plainOptions,
  thresholdOption,
  threadsOption,
  ttaOption,
} from "../run/runtimeOptions.ts";
import { findModel } from "./findModel.node.ts";
import { calibrateOption, precisionOption } from "./precisionOptions.ts";
import { predictInputs } from "./predictInputs.node.ts";
import { separationOf, separationOptions } from "./separationOptions.ts";
import { outputNames, writePrediction, type WrittenPrediction } from "./writePrediction.node.ts";

export const predictSchema = z.strictObject({
  checkpoint: fileOption("checkpoint file, folder of a run, or .onnx file of sgdc export"),
  ...plainOptions,
  inputs: z
    .array(z.string().min(1))
    .min(1)
    .describe("image files, folders of images, and data sets"),
  prefer: preferOption,
  out: folderOption("folder for the results"),
  tta: ttaOption.default(false),
  threshold: thresholdOption
    .optional()
    .describe(
      "probability from which a pixel is foreground (default: 0.5, or an exported model's)",
    ),
  ...separationOptions,
  maps: z
    .array(z.enum(["edge", "guidance"]))
    .default([])
    .describe("further maps to write"),
  overwrite: z.boolean().default(false).describe("replace files that are already there"),
  skipExisting: z.boolean().default(false).describe("leave out images whose files are all there"),
  precision: precisionOption.default("float32"),
  calibrate: calibrateOption.optional(),
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
  /**
   * How unlike the training images it is: 1.5 and more is doubtful. Absent where the checkpoint does not know them: one of version
   * 0.1, plain weights, or a training on a handful of images.
   */
  readonly novelty?: number;
  /** What makes the prediction doubtful, perhaps nothing. */
  readonly doubts: readonly Doubt[];
}

/** An image that could not be read, or whose files could not be written. */
export interface FailedImage {
  readonly image: string;
  /** What was wrong. */
  readonly message: string;
}

/** What became of the images, each in the order of the inputs. */
export interface PredictResult {
  readonly images: readonly PredictedImage[];
  readonly failures: readonly FailedImage[];
  /** Images left out because their files were all there. */
  readonly skipped: readonly string[];
}

/**
 * Predicts images and writes, at their own size, for each `<name>_mask.png`, `<name>_probability.png`
 * (8 bits, 255 = 1) and `<name>_overlay.png`; with `maps` also `_edge.png` and `_guidance.png`. A network
 * of several classes writes `<name>_classes.png` (the number of each pixel's class, 0 the background) in
 * place of the mask, and one probability map a class, `<name>_probability_1.png` and so on. A network that
 * tells instances apart also writes `<name>_instances.png` (16 bits, a number an object, 0 the background)
 * and `<name>_instances.geojson`, and `instances.json` with the objects of all images in COCO's form.
 *
 * The files of an image appear together or not at all. An image that fails does not end the others.
 *
 * @throws {ArgumentError} for unusable options, two images of one name, or files that are in the way.
 * @throws {DataError} for a checkpoint that cannot be read, an input that is not there, or a folder not to be written.
 */
export async function predict(
  options: PredictOptions,
  hooks: PredictHooks = {},
): Promise<PredictResult> {
  const checked = checkOptions(predictSchema, options, "options of predict");
  const { out, tta, maps, overwrite, skipExisting } = checked;
  const { engine = nodeEngine, signal } = hooks;
  if (overwrite && skipExisting) {
    throw new ArgumentError("predict: overwrite and skipExisting exclude each other, got both");
  }
  const inputs = await predictInputs(checked.inputs, checked.prefer);
  const model = await findModel(checked);
  const { facts, classNames, range } = model;
  const known = knownIfEnough(model.origin?.appearance);
  const { instances, classes } = facts.labels;
  refuseGuidance(facts.input.fit, maps);
  const threshold = checked.threshold ?? model.threshold;
  const names = outputNames({ classes, instances, maps });
  const coco = join(out, "instances.json");
  const done = new Set<string>();
  if (!overwrite) {
    for (const { name } of inputs) {
      const free = await missing(names.map((end) => join(out, name + end)));
      if (free.length === 0 && skipExisting) done.add(name);
      else if (free.length < names.length)
        refuseExisting(
          names.map((end) => join(out, name + end)),
          free,
        );
    }
    if (instances && !skipExisting) refuseExisting([coco], await missing([coco]));
  }
  // Before any computing: a folder that cannot be there would fail every image.
  await makeFolder(out).catch((error: unknown) => {
    throw notWritable(out, error);
  });

  const opened = await model.open(maps.length > 0 || instances, engine);
  const images: PredictedImage[] = [];
  const failures: FailedImage[] = [];
  const skipped: string[] = [];
  const documents: CocoDocument[] = [];
  const separate = separationOf(checked);
  try {
    for (const [i, input] of inputs.entries()) {
      signal?.throwIfAborted();
      const prefix = join(out, input.name);
      const path = input.image;
      const fileName = input.index === undefined ? basename(path) : input.name;
      try {
        if (done.has(input.name)) {
          skipped.push(path);
          if (instances) documents.push(await cocoBefore(prefix, fileName, classNames));
        } else {
          const image = await readSampleImage({ ...input, range });
          const rows = opened.rows(image, { tta, signal });
          const write = { prefix, classes, instances, maps, threshold, separate, classNames };
          const { written, found } = await writePrediction(image, rows, write);
          const novelty = known && noveltyOf(appearanceOf(asSeen(image, facts.input)), known);
          const covered = written.foreground.reduce((sum, share) => sum + share, 0);
          images.push({
            image: path,
            ...written,
            ...(novelty !== undefined && { novelty }),
            doubts: doubtsOf({ ...(novelty !== undefined && { novelty }), foreground: covered }),
          });
          if (found) documents.push(toCoco([{ fileName, ...found }], classNames));
        }
      } catch (error) {
        if (!(error instanceof DataError || error instanceof NumericError)) throw error;
        failures.push({ image: path, message: error.message });
      }
      hooks.onProgress?.(i + 1, inputs.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await opened.dispose();
  }
  if (instances) await atomicWriteFile(coco, JSON.stringify(joinCoco(documents)));
  return { images, failures, skipped };
}

/** Of what stands in GeoJSON, what COCO's form needs besides the pixels. */
const writtenInstances = z.object({
  features: z.array(
    z.object({
      properties: z.object({
        id: z.int(),
        class: z.int().min(1).max(255),
        probability: z.number(),
      }),
    }),
  ),
});

/** The objects of an image that was predicted before, from its own files. */
async function cocoBefore(
  prefix: string,
  fileName: string,
  classNames: readonly string[],
): Promise<CocoDocument> {
  const outlines = `${prefix}_instances.geojson`;
  const { width, height, data } = await readLabelMapFile(`${prefix}_instances.png`);
  let features: z.output<typeof writtenInstances>["features"];
  try {
    ({ features } = writtenInstances.parse(parseJson(await readFile(outlines, "utf8"))));
  } catch (cause) {
    throw new DataError(
      `${outlines}: must hold the objects of an earlier prediction, got something else; replace it with --overwrite`,
      { cause },
    );
  }
  const kinds = new Map(features.map(({ properties }) => [properties.id, properties.class]));
  const labels = {
    width,
    height,
    instances: Int32Array.from(data),
    classes: Uint8Array.from(data, (id) => kinds.get(id) ?? 0),
  };
  const document = toCoco([{ fileName, labels }], classNames);
  // Both lists are in the order of the ids.
  const annotations = document.annotations.map((annotation, i) => ({
    ...annotation,
    ...(features[i] && { score: features[i].properties.probability }),
  }));
  return { ...document, annotations };
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

/** Guidance belongs to a whole image: tiles have no one scale to blend theirs at. */
function refuseGuidance(fit: Fit, maps: readonly string[]): void {
  if (fit === "resize" || !maps.includes("guidance")) return;
  throw new ArgumentError(
    "predict: maps must be edge alone for a network that sees tiles, got guidance; train with --fit resize to see it",
  );
}

/** The files that are not there. */
async function missing(paths: readonly string[]): Promise<string[]> {
  const free: string[] = [];
  for (const path of paths) if (!(await exists(path))) free.push(path);
  return free;
}

function refuseExisting(paths: readonly string[], free: readonly string[]): void {
  const taken = paths.find((path) => !free.includes(path));
  if (taken === undefined) return;
  throw new ArgumentError(
    `${taken}: output file must not exist yet, got one; choose another folder, or replace files with --overwrite`,
  );
}
