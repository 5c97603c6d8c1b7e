/** A network's model in the precision that was asked for. */
import { ArgumentError } from "../base/errors.ts";
import type { OnnxModel } from "../onnx/proto.ts";
import type { Runtime } from "../runtime/session.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { withFloat16Weights } from "./float16.ts";
import type { Precision } from "./metadata.ts";
import { quantiseModel, type QuantiseOptions, type Quantised } from "./quantiseModel.ts";

export interface Precise {
  readonly model: OnnxModel;
  /** What quantisation found, with `int8`. */
  readonly quantised?: Omit<Quantised, "model">;
}

/** @throws {ArgumentError} if `int8` comes without images, or another precision with them. */
export function refusePrecision(precision: Precision, calibrated: boolean): void {
  if ((precision === "int8") === calibrated) return;
  throw new ArgumentError(
    precision === "int8"
      ? "calibrate (--calibrate) must be given with --precision int8, got nothing; name a folder of images like those to be predicted"
      : `calibrate (--calibrate) must be left out with --precision ${precision}, got a folder; only int8 is calibrated`,
  );
}

/**
 * @param images  with `int8`: what the network takes, to calibrate on
 */
export async function withPrecision(
  model: OnnxModel,
  precision: Precision,
  images: readonly Tensor<"float32">[],
  runtime: Runtime,
  options: QuantiseOptions = {},
): Promise<Precise> {
  if (precision === "float32") return { model };
  if (precision === "float16") return { model: withFloat16Weights(model) };
  const { model: whole, ...quantised } = await quantiseModel(model, images, runtime, options);
  // What stays float32 in the computation takes half the room in the file.
  return { model: withFloat16Weights(whole), quantised };
}
