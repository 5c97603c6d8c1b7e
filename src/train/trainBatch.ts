/** One batch as micro-batches: loss terms and gradients as if it had been one. */
import type { Batch } from "../data/loader/batch.ts";
import { NumericError } from "../base/errors.ts";
import { fnv1a } from "../base/random.ts";
import type { StepResult, TrainingModel } from "../network/trainingModel.ts";

/**
 * Sizes of the micro-batches: as few as can be, as even as can be, none of a single image unless the
 * batch is one. (3 images at 2 a time are therefore taken at once.)
 *
 * @param count       images in the batch
 * @param microBatch  most images at a time; 0 for all
 */
export function microBatchSizes(count: number, microBatch: number): number[] {
  const wanted = microBatch > 0 ? Math.ceil(count / microBatch) : 1;
  const parts = Math.max(1, Math.min(wanted, Math.floor(count / 2)));
  return Array.from(
    { length: parts },
    (_, i) => Math.floor(((i + 1) * count) / parts) - Math.floor((i * count) / parts),
  );
}

/**
 * Runs a batch through the model in micro-batches. Terms and gradients are means over the images, so
 * that they equal those of the whole batch, but for batch norm: it sees the micro-batches, and its
 * running statistics move once for each of them.
 *
 * @param sums   scratch arrays of the gradients' sizes, filled when there are several micro-batches
 * @param key    names the step, so that its random numbers follow from it: seed, epoch, step
 * @param place  for messages, e.g. `at step 412`
 * @throws {NumericError} if a micro-batch's loss is not finite, naming the place and the images.
 */
export async function trainBatch(
  model: TrainingModel,
  batch: Batch,
  microBatch: number,
  sums: Map<string, Float32Array>,
  key: readonly number[],
  place: string,
): Promise<StepResult> {
  const count = batch.names.length;
  const sizes = microBatchSizes(count, microBatch);
  const terms: Record<string, number> = {};
  let start = 0;
  for (const size of sizes) {
    const part = partOf(batch, start, size);
    const result = await model.step(
      part.images,
      part.masks,
      size,
      fnv1a(["step", ...key, start].join("/")),
    );
    checkFinite(result.terms, part.names, place);
    if (sizes.length === 1) return result;
    const weight = size / count;
    for (const [name, value] of Object.entries(result.terms)) {
      terms[name] = (terms[name] ?? 0) + weight * value;
    }
    addTo(sums, result.gradients, weight, start === 0);
    start += size;
  }
  return { terms, gradients: sums };
}

/** The images from `start` on, without copying. */
function partOf(batch: Batch, start: number, size: number): Batch {
  const { names, images, masks } = batch;
  const cut = (data: Batch["images"]): Batch["images"] => {
    const each = data.length / names.length;
    return data.subarray(start * each, (start + size) * each);
  };
  return { names: names.slice(start, start + size), images: cut(images), masks: cut(masks) };
}

/** @throws {NumericError} naming the first term that is not finite, and the images. */
export function checkFinite(
  terms: Readonly<Record<string, number>>,
  names: readonly string[],
  place: string,
): void {
  for (const [name, value] of Object.entries({ total: terms["total"] ?? NaN, ...terms })) {
    if (!Number.isFinite(value)) {
      const term = name === "total" ? "loss" : `loss term ${name}`;
      throw new NumericError(`${term} is ${value} ${place}; batch: ${names.join(", ")}`);
    }
  }
}

/** sums = (first ? 0 : sums) + weight . gradients */
function addTo(
  sums: Map<string, Float32Array>,
  gradients: ReadonlyMap<string, Float32Array>,
  weight: number,
  first: boolean,
): void {
  for (const [name, gradient] of gradients) {
    let sum = sums.get(name);
    if (!sum) sums.set(name, (sum = new Float32Array(gradient.length)));
    if (first) for (let i = 0; i < sum.length; i++) sum[i] = weight * gradient[i]!;
    else for (let i = 0; i < sum.length; i++) sum[i]! += weight * gradient[i]!;
  }
}
