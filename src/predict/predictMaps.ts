/** Probability maps of an image of any size, at that size: strip by strip, or whole. */
import { cutImage } from "../data/augment/window.ts";
import { type Fit, normaliseImage } from "../data/loader/networkInput.ts";
import {
  createRowResizer,
  resizeImage,
  resizeImageRows,
  resizeMapRows,
} from "../data/images/resize.ts";
import type { FloatMap, RgbImage } from "../tensor/raster.ts";
import { createBlend, planTiles } from "./tiles.ts";
import { predictWithFlips, type InnerMap, type Prediction, type Predictor } from "./predictor.ts";

export interface PredictMapsOptions {
  /** Default `resize`. */
  readonly fit?: Fit;
  /** With `crop`: pixels of the network that a pixel of the image becomes; default 1. */
  readonly zoom?: number;
  /** Average over flips; default false. */
  readonly tta?: boolean;
  /** Looked at between tiles. */
  readonly signal?: AbortSignal | undefined;
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

/** Some rows of the maps of an image, each [rows, width]; the planes of `ImageMaps`. */
export interface MapRows {
  /** The first of them. */
  readonly y: number;
  readonly rows: number;
  readonly channels: readonly Float32Array[];
  readonly edge?: Float32Array;
  readonly guidance?: Float32Array;
}

/** Numbers of a strip of a map, 4 MB. */
const mostInStrip = 2 ** 20;

/**
 * Runs the network on an image, on all of it resized or on overlapping tiles at its own scale, and gives the maps in strips from
 * the top down: memory is that of the image and a few rows of maps.
 */
export async function* predictRows(
  predictor: Predictor,
  image: RgbImage,
  options: PredictMapsOptions = {},
): AsyncGenerator<MapRows, void, undefined> {
  const { fit = "resize", zoom = 1, tta = false, signal } = options;
  yield* fit === "resize"
    ? predictWhole(predictor, image, tta)
    : predictTiles(predictor, image, zoom, tta, signal);
}

/** All of the maps at once. */
export async function predictMaps(
  predictor: Predictor,
  image: RgbImage,
  options: PredictMapsOptions = {},
): Promise<ImageMaps> {
  const { width, height } = image;
  const empty = (): FloatMap => ({ width, height, data: new Float32Array(width * height) });
  const channels: FloatMap[] = [];
  let edge: FloatMap | undefined;
  let guidance: FloatMap | undefined;
  for await (const rows of predictRows(predictor, image, options)) {
    const at = rows.y * width;
    for (const [c, plane] of rows.channels.entries()) (channels[c] ??= empty()).data.set(plane, at);
    if (rows.edge) (edge ??= empty()).data.set(rows.edge, at);
    if (rows.guidance) (guidance ??= empty()).data.set(rows.guidance, at);
  }
  return { channels, ...(edge && { edge }), ...(guidance && { guidance }) };
}

async function* predictWhole(
  predictor: Predictor,
  image: RgbImage,
  tta: boolean,
): AsyncGenerator<MapRows, void, undefined> {
  const { size } = predictor;
  const { width, height } = image;
  const input = new Float32Array(3 * size * size);
  normaliseImage(resizeImage(image, size, size), input);
  const { probabilities, maps } = await run(predictor, input, tta);
  const planes = planesOf(probabilities, size);
  const edge = maps?.edge && planesOf(maps.edge, size)[0]!;
  const guidance = maps?.guidance && guidanceMap(maps.guidance);
  const step = Math.max(1, Math.floor(mostInStrip / width));
  for (let y = 0; y < height; y += step) {
    const end = Math.min(height, y + step);
    const native = (map: FloatMap): Float32Array => resizeMapRows(map, width, height, y, end);
    yield {
      y,
      rows: end - y,
      channels: planes.map(native),
      ...(edge && { edge: native(edge) }),
      ...(guidance && { guidance: native(guidance) }),
    };
  }
}

/** Overlap of neighbouring tiles, as a share of their side. */
const tileOverlap = 0.25;

async function* predictTiles(
  predictor: Predictor,
  image: RgbImage,
  zoom: number,
  tta: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<MapRows, void, undefined> {
  const { size, channels } = predictor;
  const width = Math.max(1, Math.round(image.width * zoom));
  const height = Math.max(1, Math.round(image.height * zoom));
  const positions = planTiles(width, height, size, Math.round(tileOverlap * size));
  const input = new Float32Array(3 * size * size);
  const resizer = createRowResizer({ width, height }, image);
  let blend: ReturnType<typeof createBlend> | undefined;
  let strip: RgbImage | undefined;
  let y = 0;
  for (const [i, position] of positions.entries()) {
    signal?.throwIfAborted();
    // The image at the scale of the network, as far as this row of tiles goes.
    strip ??= resizeImageRows(
      image,
      width,
      height,
      position.y,
      Math.min(height, position.y + size),
    );
    normaliseImage(cutImage(strip, position.x, 0, size, size), input);
    const { probabilities, maps } = await run(predictor, input, tta);
    // The edge is one channel more.
    const planes = maps?.edge ? joined(probabilities, maps.edge) : probabilities;
    blend ??= createBlend(width, height, planes.length / (size * size), size);
    blend.add(planes, position);
    // The engine blocks the process while it computes: let timers and Ctrl-C have their turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const next = positions[i + 1];
    if (next?.y === position.y) continue;
    strip = undefined;
    const done = resizer.push(blend.take(next?.y ?? height));
    const rows = done[0]!.length / image.width;
    if (rows === 0) continue;
    const edge = done[channels];
    yield { y, rows, channels: done.slice(0, channels), ...(edge && { edge }) };
    y += rows;
  }
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const all = new Float32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
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
