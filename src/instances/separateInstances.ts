/** From probabilities of foreground and boundary to instances. */
import { distanceTransform } from "../metrics/distanceTransform.ts";
import type { FloatMap, Mask } from "../tensor/raster.ts";
import { connectedComponents } from "./connectedComponents.ts";
import { dropDoubtful } from "./dropDoubtful.ts";
import { fillHoles } from "./fillHoles.ts";
import { hMaxima } from "./hMaxima.ts";
import { checkLength, checkSize } from "./idMap.ts";
import { watershed } from "./watershed.ts";

export interface SeparateOptions {
  /** `watershed` (default) parts what touches; `components` takes what hangs together by sides as one. */
  readonly method?: "watershed" | "components";
  /** Probability from which a pixel is foreground. Default 0.5. */
  readonly threshold?: number;
  /** Probability from which a pixel is boundary. Default 0.7. */
  readonly boundaryThreshold?: number;
  /**
   * How far a core's width must narrow between two of its bulges for them to be two instances, as a share of the
   * smaller bulge; at least 1.5 pixels. Default 0.2.
   */
  readonly neck?: number;
  /** Instances of fewer pixels are dropped. Default 10. */
  readonly minArea?: number;
  /** So are those of less than this share of the median area of the image. Default 0.1. */
  readonly minRelativeArea?: number;
  /** And those of a lower mean probability. Default half way between the threshold and 1. */
  readonly minProbability?: number;
  /** Fill what a single instance encloses. Default true. */
  readonly fillHoles?: boolean;
}

/** Holes of up to so many pixels in mask and core are taken for noise: they would make a thick object seem thin. */
const noiseHole = 30;

/**
 * Instances of the foreground. The core is the foreground without the boundary; markers are the peaks of the core's distance
 * transform that stand out by `neck`, and foreground without any core is an instance of its own; the markers then
 * flood the foreground, first where it is deep inside. What is too small or too unsure is dropped.
 *
 * The defaults are those that did well on the 2018 Data Science Bowl's nuclei, see docs/explanation/instances.md.
 *
 * @param boundary  without it the foreground itself is the core
 * @returns         ids from 1 on in the order of rows, 0 background; every instance hangs together by sides
 * @throws {ShapeError} if the sizes differ.
 */
export function separateInstances(
  foreground: FloatMap,
  boundary: FloatMap | undefined,
  options: SeparateOptions = {},
): Int32Array {
  const { method = "watershed", threshold = 0.5, boundaryThreshold = 0.7 } = options;
  const { neck = 0.2, fillHoles: fill = true } = options;
  const { width, height } = foreground;
  const size = { width, height };
  checkLength("separateInstances", foreground);
  if (boundary) checkSize("separateInstances", "boundary", boundary, foreground);
  const mask = filled({ ...size, data: maskOf(foreground.data, (p) => p >= threshold) });
  const regions = connectedComponents(mask).ids;
  const keep = (ids: Int32Array): Int32Array =>
    dropDoubtful(fill ? fillHoles({ ...size, data: ids }) : ids, foreground, {
      minArea: options.minArea ?? 10,
      minRelativeArea: options.minRelativeArea ?? 0.1,
      minProbability: options.minProbability ?? (1 + threshold) / 2,
    });
  if (method === "components") return keep(regions);

  const edge = boundary?.data;
  const core = filled({
    ...size,
    data: mask.data.map((v, i) => (edge && edge[i]! >= boundaryThreshold ? 0 : v)),
  });
  const depth = depthOf(core);
  const markers = hMaxima(depth, core, { h: 1.5, relativeH: neck });
  markRest(markers, regions);

  // Deep inside first, then from the core outwards.
  const priority = { ...size, data: new Float32Array(markers.length) };
  const outside = distanceTransform(core);
  for (let i = 0; i < markers.length; i++) {
    priority.data[i] = core.data[i] ? -depth.data[i]! : Math.min(outside[i]!, 1e6);
  }
  return keep(watershed({ ...size, data: markers }, priority, { mask }));
}

/** The mask without small holes. */
const filled = (mask: Mask): Mask => ({
  ...mask,
  data: Uint8Array.from(fillHoles(mask, noiseHole)),
});

const maskOf = (values: Float32Array, holds: (value: number) => boolean): Uint8Array =>
  Uint8Array.from(values, (value) => (holds(value) ? 1 : 0));

/** Distance of every pixel of the mask to the nearest pixel outside; the image's frame is not outside. */
function depthOf(mask: Mask): FloatMap {
  const outside = { ...mask, data: mask.data.map((v) => 1 - v) };
  const distances = distanceTransform(outside);
  const far = Math.hypot(mask.width, mask.height);
  return { ...mask, data: Float32Array.from(distances, (d) => Math.min(d, far)) };
}

/** Regions of the foreground without a marker become their own. */
function markRest(markers: Int32Array, regions: Int32Array): void {
  const marked = new Set<number>();
  let next = 1;
  for (let i = 0; i < markers.length; i++) {
    if (markers[i] === 0) continue;
    marked.add(regions[i]!);
    next = Math.max(next, markers[i]! + 1);
  }
  for (let i = 0; i < markers.length; i++) {
    const region = regions[i]!;
    if (region !== 0 && !marked.has(region)) markers[i] = next + region;
  }
}
