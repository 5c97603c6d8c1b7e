/** Segmentation of one picture from itself, without training: superpixels, a classifier of its own, cellular automata. */
import { connectedComponents } from "../instances/connectedComponents.ts";
import { fillHoles } from "../instances/fillHoles.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { multiLayer, singleLayer, stretched } from "./cellularAutomaton.ts";
import { labOf } from "./lab.ts";
import { logisticRatings } from "./logisticRatings.ts";
import { spectralClustering, type Superpixels } from "./spectralClustering.ts";
import { liThreshold, otsuThreshold } from "./thresholds.ts";

/** Numbers of superpixels, coarse to fine: ours. The released maps have some forty regions. */
const SCALES = [20, 40, 60];
/** Clusters of the frame's colours, and how fast colours and places grow unlike. */
const CLUSTERS = 3;
const COLOUR_SIGMA = 0.2;
const PLACE_SIGMA = 1.3;
const BETA = 10;

/** One number a pixel, 1 inside. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * A mask of the object that is unlike the frame of the picture. For each scale: superpixels; how unlike the frame each is; a
 * classifier of the frame's superpixels against the most unlike ones, trained on this picture; a cellular automaton. Then the maps of
 * all scales as one, Li's threshold, a median, holes filled, the largest piece.
 *
 * In the manner of MSCA, not its code, whose core is closed: automata, fusion and threshold are the published ones; scales, first
 * labels, features, the classifier (logistic regression for an SVM) and the clean-up are ours; hair is not removed.
 *
 * @param image  shrunk to some hundred pixels: time goes with their number
 * @returns      of the image's size, 1 inside
 * @see Bi et al. 2016 (ISBI, 1059-1062); Qin et al. 2015 for the automata
 */
export function msca(image: RgbImage): Mask {
  const { width, height } = image;
  const maps = SCALES.map((count) => mapOf(image, spectralClustering(image, count)));
  const fused = multiLayer(maps);
  const t = liThreshold(fused);
  const mask = median({ width, height, data: Uint8Array.from(fused, (v) => (v > t ? 1 : 0)) });
  const filled = Uint8Array.from(fillHoles(mask));
  return { width, height, data: largestPiece({ width, height, data: filled }) };
}

/** How much each pixel is the object, by one scale. */
function mapOf(image: RgbImage, regions: Superpixels): Float64Array {
  const { colours, places, frame, linked } = regionsOf(image, regions);
  const lab = colours.map((rgb) => labOf(rgb));
  const unlike = unlikeFrame(lab, places, frame);
  const t = otsuThreshold(unlike);
  const outside = new Set(frame);
  const labels = lab.map((_, i) => (outside.has(i) ? 0 : unlike[i]! > t ? 1 : null));
  const features = lab.map((values, i) => [...values, ...colours[i]!.map((v) => v / 255)]);
  const ratings = labels.includes(1) ? logisticRatings(features, labels) : unlike;
  const settled = singleLayer(ratings, lab, linked);
  return Float64Array.from(regions.ids, (id) => settled[id]!);
}

interface Regions {
  /** Mean colours, each 0 to 255. */
  readonly colours: readonly (readonly [number, number, number])[];
  /** Mean places, each 0 to 1. */
  readonly places: readonly (readonly [number, number])[];
  /** Those on the frame of the picture. */
  readonly frame: readonly number[];
  /** Neighbours, all of the frame among themselves, and neighbours of neighbours. */
  readonly linked: readonly (readonly [number, number])[];
}

function regionsOf({ data }: RgbImage, { width, height, ids, count }: Superpixels): Regions {
  const sums = Array.from({ length: count }, () => [0, 0, 0, 0, 0, 0]);
  const near = Array.from({ length: count }, () => new Set<number>());
  const frame = new Set<number>();
  const link = (a: number, b: number): void => {
    if (a === b) return;
    near[a]!.add(b);
    near[b]!.add(a);
  };
  for (const [i, id] of ids.entries()) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const own = [data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!, x / width, y / height, 1];
    for (const [k, v] of own.entries()) sums[id]![k]! += v;
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) frame.add(id);
    for (const [dx, dy] of [
      [1, 0],
      [-1, 1],
      [0, 1],
      [1, 1],
    ] as const) {
      if (x + dx >= 0 && x + dx < width && y + dy < height) link(id, ids[i + dx + dy * width]!);
    }
  }
  for (const a of frame) for (const b of frame) link(a, b);
  const first = near.map((set) => [...set]);
  for (const [a, list] of first.entries())
    for (const b of list) for (const c of first[b]!) link(a, c);
  const mean = (k: number) => sums.map((sum) => sum[k]! / sum[5]!);
  const [r, g, b, x, y] = [0, 1, 2, 3, 4].map(mean) as [
    number[],
    number[],
    number[],
    number[],
    number[],
  ];
  return {
    colours: r.map((red, i) => [red, g[i]!, b[i]!] as const),
    places: x.map((left, i) => [left, y[i]!] as const),
    frame: [...frame].sort((i, j) => i - j),
    linked: near.flatMap((set, a) => [...set].filter((c) => c > a).map((c) => [a, c] as const)),
  };
}

/** Qin's background prior: unlike the clusters of the frame's colours, the nearer ones counting more. 0 to 1. */
function unlikeFrame(
  lab: readonly (readonly number[])[],
  places: readonly (readonly number[])[],
  frame: readonly number[],
): Float64Array {
  const distance = (a: readonly number[], b: readonly number[]): number =>
    Math.hypot(...a.map((v, k) => v - b[k]!));
  const total = new Float64Array(lab.length);
  for (const members of clustersOf(lab, frame)) {
    const mean = (of: (j: number) => number): number =>
      members.reduce((sum, j) => sum + of(j), 0) / members.length;
    const colour = stretched(
      Float64Array.from(lab, (own) =>
        mean((j) => 1 / (Math.exp(-distance(own, lab[j]!) / (2 * COLOUR_SIGMA ** 2)) + BETA)),
      ),
    );
    for (const [i, place] of places.entries()) {
      const near = mean((j) =>
        Math.exp(-(distance(place, places[j]!) ** 2) / (2 * PLACE_SIGMA ** 2)),
      );
      total[i]! += near * colour[i]!;
    }
  }
  return stretched(total);
}

/** k-means of the frame's colours, from the dark, the middle and the light ones. */
function clustersOf(lab: readonly (readonly number[])[], frame: readonly number[]): number[][] {
  const byLight = [...frame].sort((a, b) => lab[a]![0]! - lab[b]![0]!);
  let centres = Array.from(
    { length: Math.min(CLUSTERS, frame.length) },
    (_, k) => lab[byLight[Math.floor(((k + 0.5) * byLight.length) / CLUSTERS)]!]!,
  );
  let clusters: number[][] = [];
  for (let i = 0; i < 50; i++) {
    const gap = (j: number, centre: readonly number[]): number =>
      Math.hypot(...lab[j]!.map((v, k) => v - centre[k]!));
    const nearest = frame.map((j) =>
      centres.reduce((best, centre, k) => (gap(j, centre) < gap(j, centres[best]!) ? k : best), 0),
    );
    clusters = centres.map((_, k) => frame.filter((__, j) => nearest[j] === k));
    centres = centres.map((centre, k) =>
      clusters[k]!.length === 0
        ? centre
        : centre.map(
            (_, c) => clusters[k]!.reduce((sum, j) => sum + lab[j]![c]!, 0) / clusters[k]!.length,
          ),
    );
  }
  return clusters.filter((members) => members.length > 0);
}

/** Each pixel as most of the 3 x 3 around it are. */
function median({ width, height, data }: Mask): Mask {
  const out = data.map((own, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return own;
    let sum = 0;
    for (const dy of [-width, 0, width]) for (const dx of [-1, 0, 1]) sum += data[i + dy + dx]!;
    return sum > 4 ? 1 : 0;
  });
  return { width, height, data: out };
}

function largestPiece(mask: Mask): Uint8Array {
  const { ids, count } = connectedComponents(mask);
  const areas = new Int32Array(count + 1);
  for (const id of ids) if (id > 0) areas[id]!++;
  const largest = areas.indexOf(Math.max(...areas));
  return Uint8Array.from(ids, (id) => (id > 0 && id === largest ? 1 : 0));
}
