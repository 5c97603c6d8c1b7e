/** Gradients of all ranks added in the order of micro-batches, so that the sum has the same bits for any number of ranks. */
import { partOf, type Ranks } from "./ranks.ts";

/** Floats that are sent at a time: 16 MB, so that what is on its way needs little memory. */
const defaultBucket = 2 ** 22;

export interface GradientSum {
  /** sum = weights[0] g0 + weights[1] g1 + ..., from the left, of the ranks' gradients; each rank keeps its part of it. */
  add(
    gradients: ReadonlyMap<string, Float32Array> | undefined,
    weights: readonly number[],
    first: boolean,
  ): Promise<void>;
  /** The whole sum on every rank; the arrays are the same objects each time. */
  finish(): Promise<ReadonlyMap<string, Float32Array>>;
}

/**
 * A sum over the ranks, of gradients with the names and lengths of `parameters`.
 *
 * Each rank adds up one part of every array: it gets that part from all ranks, adds in their order, and in the end sends its sums
 * to all. A ring that adds on the way would move as many bytes, but in another order for each part; and
 * `MPI_Allreduce` promises no order at all.
 *
 * @param bucket  floats at a time, another one in tests
 */
export function sumOverRanks(
  ranks: Ranks,
  parameters: ReadonlyMap<string, Float32Array>,
  bucket = defaultBucket,
): GradientSum {
  const { rank, size } = ranks;
  const lengths = [...parameters.values()].map(({ length }) => length);
  const total = lengths.reduce((a, b) => a + b, 0);
  const flat = new Float32Array(total);
  const sending = new Float32Array(Math.min(bucket, total));
  const views = new Map<string, Float32Array>();
  let at = 0;
  for (const [name, { length }] of parameters) {
    views.set(name, flat.subarray(at, at + length));
    at += length;
  }
  const buckets = Array.from({ length: Math.ceil(total / bucket) }, (_, i) => ({
    start: i * bucket,
    end: Math.min(total, (i + 1) * bucket),
  }));
  return {
    async add(gradients, weights, first) {
      for (const { start, end } of buckets) {
        const own = sending.subarray(0, end - start);
        if (gradients) copyPart(gradients, views, start, own);
        const parts = await ranks.exchange(own);
        const [from, to] = partOf(end - start, rank, size);
        const sum = flat.subarray(start + from, start + to);
        weights.forEach((weight, r) => {
          const gradient = parts[r]!;
          if (first && r === 0) {
            for (let i = 0; i < sum.length; i++) sum[i] = weight * gradient[i]!;
          } else for (let i = 0; i < sum.length; i++) sum[i]! += weight * gradient[i]!;
        });
      }
    },
    async finish() {
      for (const { start, end } of buckets) await ranks.complete(flat.subarray(start, end));
      return views;
    },
  };
}

/** Copies what lies from `start` on, if all arrays are laid out one after another in the order of `names`. */
function copyPart(
  arrays: ReadonlyMap<string, Float32Array>,
  names: ReadonlyMap<string, Float32Array>,
  start: number,
  into: Float32Array,
): void {
  let at = -start;
  for (const [name, { length }] of names) {
    const [from, to] = [Math.max(0, -at), Math.min(length, into.length - at)];
    if (from < to) into.set(arrays.get(name)!.subarray(from, to), at + from);
    at += length;
  }
}
