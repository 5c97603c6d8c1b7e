/** From probabilities of foreground and boundary to instances. */
import { distanceTransform } from "../metrics/distanceTransform.ts";
import type { FloatMap, Mask } from "../tensor/raster.ts";
import { connectedComponents } from "./connectedComponents.ts";
import { hMaxima } from "./hMaxima.ts";
import { checkSize } from "./idMap.ts";
import { watershed } from "./watershed.ts";

export interface SeparateOptions {
  /** `watershed` (default) parts what touches; `components` takes what hangs together as one. */
  readonly method?: "watershed" | "components";
  /** Probability from which a pixel is foreground. Default 0.5. */
  readonly threshold?: number;
  /** Probability from which a pixel is boundary. Default 0.5. */
  readonly boundaryThreshold?: number;
  /**
   * How far a core's width must narrow between two of its bulges for them to be two instances, as a share of the
   * smaller bulge. Default 0.4 with a boundary, which has parted most already, else 0.2.
   */
  readonly neck?: number;
  /** Instances of fewer pixels are dropped. Default 10. */
  readonly minArea?: number;
}

/**
 * Instances of the foreground. The core is the foreground without the boundary; markers are the peaks of the core's distance
 * transform that stand out by `neck`, and foreground without any core is an instance of its own; the markers then
 * flood the foreground, first where it is deep inside.
 *
 * @param boundary  without it the foreground itself is the core
 * @returns         ids from 1 on, 0 background
 * @throws {ShapeError} if the sizes differ.
 */
export function separateInstances(
  foreground: FloatMap,
  boundary: FloatMap | undefined,
  options: SeparateOptions = {},
): Int32Array {
  const { method = "watershed", threshold = 0.5, boundaryThreshold = 0.5 } = options;
  const { neck = boundary ? 0.4 : 0.2, minArea = 10 } = options;
  const { width, height } = foreground;
  const size = { width, height };
  if (boundary) checkSize("separateInstances", "boundary", boundary, foreground);
  const mask = { ...size, data: maskOf(foreground.data, (p) => p >= threshold) };
  const regions = connectedComponents(mask).ids;
  if (method === "components") return dropSmall(regions, minArea);

  const edge = boundary?.data;
  const inside = mask.data.map((v, i) => (v && !(edge && edge[i]! >= boundaryThreshold) ? 1 : 0));
  const core = { ...size, data: inside };
  const depth = depthOf(core);
  const markers = hMaxima(depth, core, { h: 0.75, relativeH: neck });
  markRest(markers, regions);

  // Deep inside first, then from the core outwards.
  const priority = { ...size, data: new Float32Array(inside.length) };
  const outside = distanceTransform(core);
  for (let i = 0; i < inside.length; i++) {
    priority.data[i] = inside[i] ? -depth.data[i]! : Math.min(outside[i]!, 1e6);
  }
  return dropSmall(watershed({ ...size, data: markers }, priority, { mask }), minArea);
}

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

/** Takes out what has fewer pixels, and numbers the rest anew in the order of rows. */
function dropSmall(ids: Int32Array, minArea: number): Int32Array {
  const areas = new Map<number, number>();
  for (const id of ids) areas.set(id, (areas.get(id) ?? 0) + 1);
  const numbers = new Map<number, number>([[0, 0]]);
  return ids.map((id) => {
    if (areas.get(id)! < minArea) return 0;
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return number;
  });
}
