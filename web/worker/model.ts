/** The open model: a checkpoint's network, ready to predict. */
import {
  chosenNetwork,
  checkpointOf,
  createPredictor,
  DataError,
  decodeSafetensors,
  factsOf,
  inferenceWeights,
  NumericError,
  predictMaps,
  toEightBits,
  type Checkpoint,
  type NetworkFacts,
  type Predictor,
  type RgbImage,
  type ValueRange,
} from "../../src/web.ts";
import type { ModelFacts, Picture, Plane, PredictedMaps } from "../shared/picture.ts";
import { runtime } from "./runtime.ts";

let opened: { readonly facts: NetworkFacts; readonly predictor: Predictor } | undefined;

/** @throws {DataError} if the file is damaged or no checkpoint of this program, naming what is wrong. */
export function readCheckpoint(name: string, bytes: Uint8Array): Checkpoint {
  const checkpoint = checkpointOf(decodeSafetensors(bytes, name), name);
  for (const [tensor, { data }] of checkpoint.tensors) {
    const bad = data.find((value) => !Number.isFinite(value));
    if (bad === undefined) continue;
    throw new DataError(
      `${name}: tensors must hold finite numbers, got ${bad} in ${tensor}; take another checkpoint`,
    );
  }
  return checkpoint;
}

/** Opens a checkpoint in place of the model before, and runs it once: a first run is many times slower than others. */
export async function openModel(name: string, bytes: Uint8Array): Promise<ModelFacts> {
  const checkpoint = readCheckpoint(name, bytes);
  const facts = factsOf(checkpoint.config);
  const network = chosenNetwork(facts);
  const { size } = facts.input;
  const weights = inferenceWeights(checkpoint.tensors);
  const predictor = await createPredictor(runtime, {
    ...{ network, weights, size, maps: true },
    session: { threads: 1 },
  });
  await opened?.predictor.dispose();
  opened = { facts, predictor };
  await predictor.predict(new Float32Array(3 * size * size), 1);
  const { classes, names, instances } = facts.labels;
  let parameters = 0;
  for (const { data } of weights.values()) parameters += data.length;
  return {
    ...{ name, title: network.network.title, classes, instances, size, parameters },
    fit: facts.input.fit,
    classNames: Array.from({ length: classes }, (_, k) => names[k] ?? nameOfClass(k, classes)),
  };
}

const nameOfClass = (k: number, classes: number): string =>
  classes === 1 ? "foreground" : `class ${k + 1}`;

/** The picture as a network takes it. @throws {DataError} if the network was trained on values that a browser does not give. */
export function asNetworkSees(name: string, picture: Picture, range: ValueRange): RgbImage {
  const { width, height, bits } = picture;
  const wanted = range.mode === "dataset" ? range.bits : 8;
  if (range.mode !== "fixed" && bits !== wanted) {
    throw new DataError(
      `${name}: image must have ${wanted} bits a value in a browser, got ${bits}; predict it with sgdc predict`,
    );
  }
  return { width, height, data: toEightBits(picture, range) };
}

/** Maps of an image by the open model. */
export async function predictWithModel(
  name: string,
  picture: Picture,
  flips: boolean,
): Promise<PredictedMaps> {
  if (!opened) throw new DataError(`${name}: a model must be open, got none; open a checkpoint`);
  const { facts, predictor } = opened;
  const { fit, zoom, values } = facts.input;
  const began = performance.now();
  const image = asNetworkSees(name, picture, values);
  const { channels, edge, guidance } = await predictMaps(predictor, image, {
    ...{ fit, zoom, tta: flips },
  });
  if (channels.some(({ data }) => data.some(Number.isNaN))) {
    throw new NumericError(
      `${name}: the network must give numbers, got NaN; the weights may be damaged, take another checkpoint`,
    );
  }
  return {
    channels: channels.map(ownPlane),
    ...(edge && { edge: ownPlane(edge) }),
    ...(guidance && { guidance: ownPlane(guidance) }),
    seconds: (performance.now() - began) / 1000,
  };
}

/** With memory of its own, which can move to the page. */
const ownPlane = ({
  width,
  height,
  data,
}: Omit<Plane, "data"> & { data: Float32Array }): Plane => ({
  width,
  height,
  data: new Float32Array(data),
});
