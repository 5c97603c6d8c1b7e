/** Export: a checkpoint's network as one ONNX file that other programs run. */
import { z } from "zod";
import { ArgumentError } from "../base/errors.ts";
import { atomicWriteFile } from "../base/files.node.ts";
import { checkOptions, fileOption } from "../base/options.ts";
import { packageVersion } from "../base/packageVersion.node.ts";
import { exportedModel, networkModel, refuseTooLarge } from "../export/exportModel.ts";
import { calibrationImages } from "../export/calibration.node.ts";
import type { Precision } from "../export/metadata.ts";
import { layouts } from "../export/processing.ts";
import type { LayerError } from "../export/quantiseModel.ts";
import { refusePrecision, withPrecision } from "../export/withPrecision.ts";
import { encodeModel } from "../onnx/proto.ts";
import { openCheckpoint } from "../run/openCheckpoint.node.ts";
import {
  checkpointOption,
  plainOptions,
  threadsOption,
  thresholdOption,
} from "../run/runtimeOptions.ts";
import { nodeRuntime } from "../runtime/nodeRuntime.node.ts";
import { predictInputs } from "./predictInputs.node.ts";
import { calibrateOption, precisionOption } from "./precisionOptions.ts";
import { refuseExisting } from "./refuseExisting.node.ts";

/** Beyond this the maps of one image take more memory than most machines have. */
const mostSide = 16384;

export const exportSchema = z.strictObject({
  checkpoint: checkpointOption,
  ...plainOptions,
  out: fileOption("the .onnx file to write"),
  precision: precisionOption.default("float32"),
  calibrate: calibrateOption.optional(),
  layout: z
    .enum(layouts)
    .default("nhwc")
    .describe("how images lie in memory: colours of a pixel together, or plane by plane"),
  processing: z
    .boolean()
    .default(true)
    .describe("resizing, normalisation and mask inside the model; off: the network alone"),
  maps: z.boolean().default(false).describe("edge and guidance as outputs, where there are any"),
  imageSize: z
    .array(z.int().min(1).max(mostSide))
    .length(2)
    .optional()
    .describe("height and width of all images (default: any size)"),
  threshold: thresholdOption.default(0.5),
  licence: z
    .string()
    .min(1)
    .default("not stated")
    .describe("licence of the weights, for the model's metadata"),
  overwrite: z.boolean().default(false).describe("replace the file if it is there"),
  threads: threadsOption.default(0),
});

export type ExportOptions = z.input<typeof exportSchema>;

export interface ExportResult {
  readonly file: string;
  readonly bytes: number;
  readonly precision: Precision;
  readonly inputs: readonly ExportedValue[];
  readonly outputs: readonly ExportedValue[];
  /** Of int8: mean difference of the probabilities from those of float32, on calibration images; and what each layer costs. */
  readonly quantised?: { readonly error: number; readonly layers: readonly LayerError[] };
}

export interface ExportHooks {
  /** Layers whose cost was measured, with int8. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** An input or output; a name stands for a size that may be any. */
export interface ExportedValue {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
}

/**
 * Writes the network of a checkpoint as one ONNX file, weights inside.
 *
 * @throws {ArgumentError} for unusable options, or a file that is in the way.
 * @throws {DataError} for a checkpoint that cannot be read, or a file that cannot be written.
 */
export async function exportNetwork(
  options: ExportOptions,
  { onProgress }: ExportHooks = {},
): Promise<ExportResult> {
  const checked = checkOptions(exportSchema, options, "options of export");
  const { out, precision, layout, processing, maps, threshold, licence, imageSize } = checked;
  if (!out.toLowerCase().endsWith(".onnx")) {
    throw new ArgumentError(`out (--out) must end in .onnx, got ${JSON.stringify(out)}`);
  }
  refusePrecision(precision, checked.calibrate !== undefined);
  await refuseExisting(out, checked.overwrite);
  const { facts, weights } = await openCheckpoint(checked.checkpoint, checked);
  if (imageSize && (!processing || facts.input.fit === "crop")) {
    throw new ArgumentError(
      `imageSize (--image-size) must be left out where the model does not resize, got ${imageSize.join(", ")}; it takes ${facts.input.size} x ${facts.input.size}`,
    );
  }
  const exported = { facts, processing, layout, precision, threshold, maps };
  const images = checked.calibrate
    ? await calibrationImages(await predictInputs([checked.calibrate]), facts)
    : [];
  const { model: network, quantised } = await withPrecision(
    networkModel(exported, weights),
    ...([precision, images, nodeRuntime] as const),
    { threads: checked.threads, ...(onProgress && { onProgress }) },
  );
  const fixed = imageSize && ([imageSize[0]!, imageSize[1]!] as const);
  const model = exportedModel(network, exported, { version: packageVersion(), licence }, fixed);
  refuseTooLarge(model);
  const bytes = encodeModel(model);
  await atomicWriteFile(out, bytes);
  const { inputs, outputs } = model;
  return {
    ...{ file: out, bytes: bytes.length, precision, inputs, outputs },
    ...(quantised && { quantised }),
  };
}
