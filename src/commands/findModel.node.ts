/** What `predict` is given as the model: a checkpoint in some precision, or a file of `sgdc export`. */
import { ArgumentError, DataError } from "../base/errors.ts";
import type { ValueRange } from "../data/images/valueRange.ts";
import { calibrationImages } from "../export/calibration.node.ts";
import { networkModel } from "../export/exportModel.ts";
import { namesOf, type ExportFacts, type Precision } from "../export/metadata.ts";
import { openExported } from "../export/openExported.node.ts";
import { refusePrecision, withPrecision } from "../export/withPrecision.ts";
import { predictorOf } from "../network/createPredictor.ts";
import type { Engine } from "../network/engine.ts";
import { channelsOf, type NetworkFacts } from "../network/facts.ts";
import { predictRows, type MapRows, type PredictMapsOptions } from "../predict/predictMaps.ts";
import type { Predictor } from "../predict/predictor.ts";
import { openCheckpoint, isPlain, type PlainWeights } from "../run/openCheckpoint.node.ts";
import type { RunOrigin } from "../run/origin.ts";
import { chooseDevice } from "../runtime/devices.node.ts";
import { nodeRuntime, openEncoded, type EncodedModel } from "../runtime/nodeRuntime.node.ts";
import type { DeviceName, Session, SessionOptions } from "../runtime/session.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { predictInputs } from "./predictInputs.node.ts";

/** What tells which model, and where it runs. */
export interface ModelChoice extends PlainWeights {
  readonly checkpoint: string;
  readonly precision: Precision;
  readonly calibrate?: string | undefined;
  readonly tta: boolean;
  readonly device: DeviceName;
  readonly threads: number;
}

type RowsOptions = Pick<PredictMapsOptions, "tta" | "signal">;

/** A model that gives maps of images. */
export interface OpenModel {
  rows(image: RgbImage, options: RowsOptions): AsyncIterable<MapRows>;
  dispose(): Promise<void>;
}

/** A model that was found and not yet opened. */
export interface FoundModel {
  readonly facts: NetworkFacts;
  readonly classNames: readonly string[];
  /** What it was exported with; 0.5 of a checkpoint. */
  readonly threshold: number;
  /** What it was trained on, of a checkpoint that tells. */
  readonly origin?: RunOrigin;
  /** How values of images are read for it. */
  readonly range: ValueRange;
  /** @param maps  whether edge and guidance are wanted */
  open(maps: boolean, engine: Engine): Promise<OpenModel>;
}

/**
 * @throws {ArgumentError} for options that do not fit the model.
 * @throws {DataError} if there is none, or the file is damaged or of another program.
 */
export const findModel = (choice: ModelChoice): Promise<FoundModel> =>
  choice.checkpoint.toLowerCase().endsWith(".onnx") ? ofExport(choice) : ofCheckpoint(choice);

async function ofCheckpoint(choice: ModelChoice): Promise<FoundModel> {
  const { precision, calibrate, device, threads } = choice;
  refusePrecision(precision, calibrate !== undefined);
  const { config, facts, weights, origin } = await openCheckpoint(choice.checkpoint, choice);
  const images = calibrate ? await calibrationImages(await predictInputs([calibrate]), facts) : [];
  const { classNames = ["foreground"] } = config.data;
  return {
    ...{ facts, classNames, threshold: 0.5, range: facts.input.values },
    ...(origin && { origin }),
    async open(maps, engine) {
      if (precision === "float32") {
        return ofPredictor(
          await engine.openPredictor(facts, weights, { device, threads, maps }),
          facts,
        );
      }
      const placed = await place(choice);
      const network = networkModel({ facts, maps }, weights);
      const { model } = await withPrecision(network, precision, images, nodeRuntime, { threads });
      return ofNetwork(await nodeRuntime.open(model, placed), facts, maps);
    },
  };
}

async function ofExport(choice: ModelChoice): Promise<FoundModel> {
  const { checkpoint: path, precision, calibrate, tta } = choice;
  if (isPlain(choice) || precision !== "float32" || calibrate !== undefined) {
    throw new ArgumentError(
      `${path}: an exported model brings its own network and precision, got further ones; leave --network, --preset, --precision and --calibrate out`,
    );
  }
  const { exported, model } = await openExported(path);
  const { facts, processing, threshold } = exported;
  if (processing) refuseWhole(path, exported, tta);
  // Of a model with all processing inside, the values are the model's own affair.
  const range: ValueRange = processing ? { mode: "fixed" } : facts.input.values;
  return {
    ...{ facts, threshold, range, classNames: namesOf(facts.labels) },
    async open(maps) {
      if (maps && !exported.maps) {
        throw new ArgumentError(
          `${path}: maps and instances need a model with its maps, got one without; export it with --maps`,
        );
      }
      const session = await openFile(path, model, await place({ ...choice, ...exported }));
      return processing ? ofWhole(session, exported) : ofNetwork(session, facts, exported.maps);
    },
  };
}

/** What a model that takes whole images cannot do. */
function refuseWhole(path: string, { facts, layout }: ExportFacts, tta: boolean): void {
  const { labels, input } = facts;
  const deep = input.values.mode === "dataset" && input.values.bits === 16;
  const wish = tta
    ? "flips (--tta)"
    : labels.instances
      ? "instances"
      : input.fit === "crop"
        ? "tiles"
        : layout === "nchw"
          ? "images plane by plane"
          : deep
            ? "images of 16 bits"
            : undefined;
  if (wish === undefined) return;
  throw new ArgumentError(
    `${path}: predict must find the network alone in a model for ${wish}, got one with processing inside; export it with --no-processing, or take the checkpoint`,
  );
}

/** Where a model runs. Whole numbers are for the CPU: other devices would go through float32 and be slower. */
async function place({
  precision,
  device,
  threads,
}: Pick<ModelChoice, "precision" | "device" | "threads">): Promise<SessionOptions> {
  if (precision === "int8" && device !== "auto" && device !== "cpu") {
    throw new ArgumentError(
      `precision int8: device (--device) must be cpu, got ${device}; take --precision float16 or float32 there`,
    );
  }
  return { device: precision === "int8" ? "cpu" : await chooseDevice(device), threads };
}

async function openFile(
  path: string,
  model: EncodedModel,
  options: SessionOptions,
): Promise<Session> {
  try {
    return await openEncoded(model, options);
  } catch (cause) {
    throw new DataError(
      `${path}: must be a model that the engine can open, got: ${(cause as Error).message}; the file may be damaged, export it again`,
      { cause },
    );
  }
}

const ofNetwork = (session: Session, facts: NetworkFacts, maps: boolean): OpenModel => {
  const channels = channelsOf(facts.labels.classes);
  return ofPredictor(predictorOf(session, { channels, size: facts.input.size, maps }), facts);
};

const ofPredictor = (predictor: Predictor, { input: { fit, zoom } }: NetworkFacts): OpenModel => ({
  rows: (image, options) => predictRows(predictor, image, { ...options, fit, zoom }),
  dispose: () => predictor.dispose(),
});

/** A model from image to maps; its own mask is left aside, since the threshold may be another. */
const ofWhole = (session: Session, { facts }: ExportFacts): OpenModel => ({
  async *rows({ width, height, data }) {
    const image = { dtype: "uint8", shape: [1, height, width, 3], data } as const;
    const outputs = await session.run({ image });
    const area = width * height;
    const planes = (name: string, count: number): Float32Array[] => {
      const found = outputs[name]?.data;
      if (!(found instanceof Float32Array)) return [];
      return Array.from({ length: count }, (_, c) => found.subarray(c * area, (c + 1) * area));
    };
    const [edge] = planes("edge", 1);
    const [guidance] = planes("guidance", 1);
    yield {
      ...{ y: 0, rows: height },
      channels: planes("probability", channelsOf(facts.labels.classes)),
      ...(edge && { edge }),
      ...(guidance && { guidance }),
    };
  },
  dispose: () => session.close(),
});
