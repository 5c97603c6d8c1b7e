/** Probability maps of an image of any size, at that size. */
import { cutWindow } from "../data/augment/window.ts";
import type { Fit } from "../data/loader/networkInput.ts";
import { normaliseImage } from "../data/loader/networkInput.ts";
import { resizeImage, resizeMap } from "../data/images/resize.ts";
import type { FloatMap, RgbImage } from "../tensor/raster.ts";
import { createBlend, planTiles, type Blend } from "./tiles.ts";
import { predictWithFlips, type InnerMap, type Prediction, type Predictor } from "./predictor.ts";

export interface PredictMapsOptions {
  /** Default `resize`. */
  readonly fit?: Fit;
  /** With `crop`: pixels of the network that a pixel of the image becomes; default 1. */
  readonly zoom?: number;
  /** Average over flips; default false. */
  readonly tta?: boolean;
}

/** Maps of one image, of its size. */
export interface ImageMaps {
  /** Foreground alone, or the background and each class; probabilities in 0..1. */
  readonly channels: readonly FloatMap[];
  /** Edge probability, if the predictor was opened with maps. */
  readonly edge?: FloatMap;
  /** Mean size of the guidance's channels, if the predictor was opened with maps and the image seen whole. */
  readonly guidance?: FloatMap;
}

/** Runs the network on an image: on all of it resized, or on overlapping tiles at its own scale. */
export async function predictMaps(
  predictor: Predictor,
  image: RgbImage,
  { fit = "resize", zoom = 1, tta = false }: PredictMapsOptions = {},
): Promise<ImageMaps> {
  if (fit === "resize") return predictWhole(predictor, image, tta);
  const { width, height } = image;
  const scaled = (length: number): number => Math.max(1, Math.round(length * zoom));
  const zoomed = resizeImage(image, scaled(width), scaled(height));
  const { channels, edge } = await predictTiles(predictor, zoomed, tta);
  const native = (map: FloatMap): FloatMap => resizeMap(map, width, height);
  return { channels: channels.map(native), ...(edge && { edge: native(edge) }) };
}

async function predictWhole(
  predictor: Predictor,
  image: RgbImage,
  tta: boolean,
): Promise<ImageMaps> {
  const { size } = predictor;
  const { width, height } = image;
  const input = new Float32Array(3 * size * size);
  normaliseImage(resizeImage(image, size, size), input);
  const { probabilities, maps } = await run(predictor, input, tta);
  const native = (data: Float32Array): FloatMap[] =>
    planesOf(data, size).map((plane) => resizeMap(plane, width, height));
  return {
    channels: native(probabilities),
    ...(maps?.edge && { edge: native(maps.edge)[0]! }),
    ...(maps?.guidance && { guidance: resizeMap(guidanceMap(maps.guidance), width, height) }),
  };
}

/** Overlap of neighbouring tiles, as a share of their side. */
const tileOverlap = 0.25;

async function predictTiles(
  predictor: Predictor,
  image: RgbImage,
  tta: boolean,
): Promise<ImageMaps> {
  const { size, channels } = predictor;
  const { width, height } = image;
  const area = width * height;
  const blend = createBlend(width, height, channels, size);
  let edgeBlend: Blend | undefined;
  const input = new Float32Array(3 * size * size);
  const sample = { image, labels: { width, height, classes: new Uint8Array(area) } };
  for (const position of planTiles(width, height, size, Math.round(tileOverlap * size))) {
    normaliseImage(cutWindow(sample, position.x, position.y, size, size).image, input);
    const { probabilities, maps } = await run(predictor, input, tta);
    blend.add(probabilities, position);
    if (maps?.edge) {
      edgeBlend ??= createBlend(width, height, 1, size);
      edgeBlend.add(maps.edge, position);
    }
    // The engine blocks the process while it computes: let timers and Ctrl-C have their turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const all = blend.finish();
  return {
    channels: Array.from({ length: channels }, (_, c) => ({
      width,
      height,
      data: all.subarray(c * area, (c + 1) * area),
    })),
    ...(edgeBlend && { edge: { width, height, data: edgeBlend.finish() } }),
  };
}

const run = (predictor: Predictor, input: Float32Array, tta: boolean): Promise<Prediction> =>
  tta ? predictWithFlips(predictor, input, 1) : predictor.predict(input, 1);

/** Every size x size plane as a map, without copying. */
function planesOf(data: Float32Array, size: number): FloatMap[] {
  const area = size * size;
  return Array.from({ length: data.length / area }, (_, i) => ({
    width: size,
    height: size,
    data: data.subarray(i * area, (i + 1) * area),
  }));
}

/** Mean over channels of the size of the guidance, the one map that shows where there is any. */
function guidanceMap({ data: values, shape: [channels, height, width] }: InnerMap): FloatMap {
  const area = height * width;
  const data = new Float32Array(area);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < area; i++) data[i]! += Math.abs(values[c * area + i]!) / channels;
  }
  return { width, height, data };
}
