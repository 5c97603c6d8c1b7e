/** Superpixels by linear spectral clustering. */
import { connectedComponents } from "../instances/connectedComponents.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { labImage } from "./lab.ts";

/** A picture cut into regions: the region of each pixel, 0 to `count` - 1. */
export interface Superpixels {
  readonly width: number;
  readonly height: number;
  readonly ids: Int32Array;
  readonly count: number;
}

/** Weight of colour; place weighs `RATIO` of it. */
const COLOUR = 20;
const RATIO = 0.075;
const ITERATIONS = 10;
/** Cosine and sine of three colours and two places. */
const FEATURES = 10;

/**
 * Regions of like colour, about `wanted` of them: weighted k-means in ten features, the cosines and sines of colour and place, each
 * centre over the pixels near it. Pieces smaller than a quarter of the mean region join the neighbour that is most like them.
 *
 * @param wanted  at least 1
 * @see Li and Chen, Superpixel Segmentation using Linear Spectral Clustering (CVPR 2015)
 */
export function spectralClustering(image: RgbImage, wanted: number): Superpixels {
  const { width, height } = image;
  const area = width * height;
  const columns = Math.max(1, Math.round(Math.sqrt((wanted * width) / height)));
  const rows = Math.max(1, Math.round(wanted / columns));
  const [stepX, stepY] = [width / columns, height / rows];
  const { features, weights } = featuresOf(image, stepX, stepY);

  const count = columns * rows;
  const centres = new Float64Array(count * FEATURES);
  const places = new Float64Array(count * 2);
  const ids = Int32Array.from(
    { length: area },
    (_, i) => Math.floor(Math.floor(i / width) / stepY) * columns + Math.floor((i % width) / stepX),
  );
  const distances = new Float64Array(area);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    moveCentres({ features, weights, ids, width }, centres, places);
    distances.fill(Infinity);
    for (let k = 0; k < count; k++) {
      const [cx, cy] = [places[2 * k]!, places[2 * k + 1]!];
      const [top, bottom] = [Math.max(0, Math.ceil(cy - stepY)), Math.min(height - 1, cy + stepY)];
      const [left, right] = [Math.max(0, Math.ceil(cx - stepX)), Math.min(width - 1, cx + stepX)];
      for (let y = top; y <= bottom; y++) {
        for (let x = left; x <= right; x++) {
          const i = y * width + x;
          const distance = squared(features, i, centres, k);
          if (distance < distances[i]!) {
            distances[i] = distance;
            ids[i] = k;
          }
        }
      }
    }
  }
  return joinSmall({ width, height, ids }, features, Math.floor(area / (4 * wanted)));
}

function featuresOf(image: RgbImage, stepX: number, stepY: number) {
  const { width, height } = image;
  const area = width * height;
  const lab = labImage(image);
  const features = new Float64Array(area * FEATURES);
  const sum = new Float64Array(FEATURES);
  for (let i = 0; i < area; i++) {
    const angles = [
      [COLOUR, lab[3 * i]!],
      [2.55 * COLOUR, lab[3 * i + 1]!],
      [2.55 * COLOUR, lab[3 * i + 2]!],
      [RATIO * COLOUR, (i % width) / stepX],
      [RATIO * COLOUR, Math.floor(i / width) / stepY],
    ] as const;
    for (const [f, [scale, angle]] of angles.entries()) {
      features[i * FEATURES + 2 * f] = scale * Math.cos((angle * Math.PI) / 2);
      features[i * FEATURES + 2 * f + 1] = scale * Math.sin((angle * Math.PI) / 2);
    }
    for (let f = 0; f < FEATURES; f++) sum[f]! += features[i * FEATURES + f]! / area;
  }
  const weights = new Float64Array(area);
  for (let i = 0; i < area; i++) {
    for (let f = 0; f < FEATURES; f++) weights[i]! += features[i * FEATURES + f]! * sum[f]!;
    for (let f = 0; f < FEATURES; f++) features[i * FEATURES + f]! /= weights[i]!;
  }
  return { features, weights };
}

/** To the weighted mean of their pixels; one without any stays. */
function moveCentres(
  {
    features,
    weights,
    ids,
    width,
  }: { features: Float64Array; weights: Float64Array; ids: Int32Array; width: number },
  centres: Float64Array,
  places: Float64Array,
): void {
  const count = places.length / 2;
  const sums = new Float64Array(count * FEATURES);
  const mass = new Float64Array(count);
  const pixels = new Float64Array(count);
  const where = new Float64Array(2 * count);
  for (const [i, k] of ids.entries()) {
    for (let f = 0; f < FEATURES; f++)
      sums[k * FEATURES + f]! += weights[i]! * features[i * FEATURES + f]!;
    mass[k]! += weights[i]!;
    pixels[k]!++;
    where[2 * k]! += i % width;
    where[2 * k + 1]! += Math.floor(i / width);
  }
  for (let k = 0; k < count; k++) {
    if (pixels[k] === 0) continue;
    for (let f = 0; f < FEATURES; f++)
      centres[k * FEATURES + f] = sums[k * FEATURES + f]! / mass[k]!;
    places[2 * k] = where[2 * k]! / pixels[k]!;
    places[2 * k + 1] = where[2 * k + 1]! / pixels[k]!;
  }
}

function squared(a: Float64Array, i: number, b: Float64Array, k: number): number {
  let sum = 0;
  for (let f = 0; f < FEATURES; f++) sum += (a[i * FEATURES + f]! - b[k * FEATURES + f]!) ** 2;
  return sum;
}

/** Every piece is a region of its own; those below `least` pixels join, smallest first, the neighbour of the nearest mean. */
function joinSmall(
  { width, height, ids }: { width: number; height: number; ids: Int32Array },
  features: Float64Array,
  least: number,
): Superpixels {
  const shifted = { width, height, data: ids.map((id) => id + 1) };
  const pieces = connectedComponents(shifted, 8);
  const owner = Int32Array.from({ length: pieces.count }, (_, k) => k);
  const find = (k: number): number => (owner[k] === k ? k : find(owner[k]!));
  const area = new Float64Array(pieces.count);
  const sums = new Float64Array(pieces.count * FEATURES);
  const neighbours = Array.from({ length: pieces.count }, () => new Set<number>());
  for (const [i, id] of pieces.ids.entries()) {
    const k = id - 1;
    area[k]!++;
    for (let f = 0; f < FEATURES; f++) sums[k * FEATURES + f]! += features[i * FEATURES + f]!;
    for (const j of [i % width < width - 1 ? i + 1 : i, i + width < ids.length ? i + width : i]) {
      const other = pieces.ids[j]! - 1;
      if (other === k) continue;
      neighbours[k]!.add(other);
      neighbours[other]!.add(k);
    }
  }
  const gap = (a: number, b: number): number => {
    let sum = 0;
    for (let f = 0; f < FEATURES; f++)
      sum += (sums[a * FEATURES + f]! / area[a]! - sums[b * FEATURES + f]! / area[b]!) ** 2;
    return sum;
  };
  const order = [...area.keys()].sort((a, b) => area[a]! - area[b]!);
  for (const small of order) {
    const k = find(small);
    if (area[k]! >= least) continue;
    const near = [...new Set([...neighbours[k]!].map(find))].filter((other) => other !== k);
    if (near.length === 0) continue;
    const into = near.reduce((best, other) => (gap(k, other) < gap(k, best) ? other : best));
    owner[k] = into;
    area[into]! += area[k]!;
    for (let f = 0; f < FEATURES; f++) sums[into * FEATURES + f]! += sums[k * FEATURES + f]!;
    for (const other of neighbours[k]!) neighbours[into]!.add(other);
  }
  const numbers = new Map<number, number>();
  const joined = pieces.ids.map((id) => {
    const top = find(id - 1);
    const known = numbers.get(top) ?? numbers.size;
    numbers.set(top, known);
    return known;
  });
  return { width, height, ids: joined, count: numbers.size };
}
