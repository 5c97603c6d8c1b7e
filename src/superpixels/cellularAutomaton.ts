/** Cellular automata over superpixels and over maps: what is alike comes to be rated alike. */
import { otsuThreshold } from "./thresholds.ts";

/** Moves the smallest value to 0 and the largest to 1; equal values to 0. */
export function stretched(values: Float64Array): Float64Array {
  const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [
    Infinity,
    -Infinity,
  ] as [number, number]);
  return values.map((v) => (high > low ? (v - low) / (high - low) : 0));
}

/** 1 / sigma^2 of the likeness of colours. */
const SHARPNESS = 10;
const STEPS = 10;

/**
 * S <- C S + (I - C) F S: each region keeps a share of its rating, the more the less it is like its neighbours, and takes the rest
 * from them by likeness. Ten steps, each stretched to 0..1; the third phase of the published schedule, whose first two push the
 * frame's regions down and so assume that no object touches the frame.
 *
 * @param ratings  of the regions, 0 to 1
 * @param colours  of the regions
 * @param linked   pairs of regions that see each other, each once
 * @see Qin et al., Saliency Detection via Cellular Automata (CVPR 2015), and its released code
 */
export function singleLayer(
  ratings: Float64Array,
  colours: readonly (readonly number[])[],
  linked: readonly (readonly [number, number])[],
): Float64Array {
  const n = ratings.length;
  if (linked.length === 0) return ratings;
  const distances = stretched(
    Float64Array.from(linked, ([a, b]) =>
      Math.hypot(...colours[a]!.map((value, i) => value - colours[b]![i]!)),
    ),
  );
  const impact = new Float64Array(n * n);
  for (const [i, [a, b]] of linked.entries()) {
    impact[a * n + b] = impact[b * n + a] = Math.exp(-SHARPNESS * distances[i]!);
  }
  const rows = Array.from({ length: n }, (_, i) => impact.subarray(i * n, (i + 1) * n));
  // A region without neighbours keeps what it has.
  const strongest = rows.map((row) => Math.max(...row));
  const coherence = stretched(Float64Array.from(strongest, (f) => (f > 0 ? 1 / f : 0)));
  let now = ratings;
  for (let step = 0; step < STEPS; step++) {
    const next = rows.map((row, i) => {
      const total = row.reduce((a, b) => a + b, 0);
      if (total === 0) return now[i]!;
      const kept = 0.6 * coherence[i]! + 0.2;
      const around = row.reduce((sum, f, j) => sum + f * now[j]!, 0) / total;
      return kept * now[i]! + (1 - kept) * around;
    });
    now = stretched(Float64Array.from(next));
  }
  return now;
}

/** ln(lambda / (1 - lambda)). */
const PUSH = 0.15;
const FUSIONS = 5;

/**
 * Several maps of one picture as one: in the log-odds, each pixel is pushed up by every other map that is above its own Otsu
 * threshold there, and down by every other that is below; five times. Then the mean, stretched to 0..1.
 *
 * @param maps  at least one, all of one size
 * @see Qin et al. 2015, multi-layer cellular automata
 */
export function multiLayer(maps: readonly Float64Array[]): Float64Array {
  const odds = (p: number): number => {
    const clamped = Math.min(0.999, Math.max(0.001, p));
    return Math.log(clamped / (1 - clamped));
  };
  const limits = maps.map((map) => odds(otsuThreshold(map)));
  let layers = maps.map((map) => map.map(odds));
  for (let step = 0; step < FUSIONS; step++) {
    const signs = layers.map((layer, m) => layer.map((l) => Math.sign(l - limits[m]!)));
    layers = layers.map((layer, m) =>
      layer.map((l, i) =>
        signs.reduce((sum, sign, k) => (k === m ? sum : sum + PUSH * sign[i]!), l),
      ),
    );
  }
  const fused = new Float64Array(maps[0]!.length);
  for (const layer of layers) {
    for (const [i, v] of stretched(layer.map((l) => 1 / (1 + Math.exp(-l)))).entries())
      fused[i]! += v;
  }
  return stretched(fused);
}
