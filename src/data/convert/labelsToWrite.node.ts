/** The labels of a sample as a converter writes them, checked against the size of the image. */
import { DataError } from "../../base/errors.ts";
import type { Labels } from "../../tensor/raster.ts";
import type { Dataset, Sample } from "../dataset.ts";
import { openSample } from "../readSample.node.ts";
import { readLabelSource } from "../labels/readLabelSource.node.ts";

/**
 * Labels at native size; instances only where the data set tells them apart.
 *
 * @throws {DataError} as `readSample`; if a data set of instances has a sample without.
 */
export async function labelsToWrite(
  sample: Sample,
  { instances }: Pick<Dataset, "instances">,
): Promise<Labels> {
  const size = await openSample(sample);
  const { instances: ids, ...labels } = await readLabelSource(sample.labels, {}, size);
  if (!instances) return labels;
  if (ids === undefined) {
    throw new DataError(`${sample.image}: image must have instances as all others, got none`);
  }
  return { ...labels, instances: ids };
}

/**
 * Instance ids as 16 bits: unchanged where they fit, else numbered anew from 1 in their order.
 *
 * @throws {DataError} if there are more than 65535 instances.
 */
export function sixteenBitIds(ids: Int32Array, name: string): Uint16Array {
  let most = 0;
  for (const id of ids) if (id > most) most = id;
  if (most <= 65535) return Uint16Array.from(ids);
  const order = [...new Set(ids)].filter((id) => id > 0).sort((a, b) => a - b);
  if (order.length > 65535) {
    throw new DataError(
      `${name}: image must have at most 65535 instances for a map of 16 bits, got ${order.length}; convert to coco`,
    );
  }
  const numbers = new Map(order.map((id, i) => [id, i + 1]));
  return Uint16Array.from(ids, (id) => numbers.get(id) ?? 0);
}
