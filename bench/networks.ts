/** Networks, weights and pictures to measure with. */
import { normaliseImage } from "../src/data/loader/networkInput.ts";
import { makePhantom } from "../src/data/phantoms/phantom.ts";
import { sizedOptions } from "../src/models/network.ts";
import { sgdNetEntry } from "../src/models/sgdNet.ts";
import { initialValue } from "../src/nn/init.ts";
import { NumericError } from "../src/base/errors.ts";
import { sizeOf } from "../src/tensor/shape.ts";
import { tensor, type Tensor } from "../src/tensor/tensor.ts";
import type { ChosenNetwork } from "../src/network/facts.ts";
import { countNetwork } from "../src/network/inspectNetwork.ts";
import { networkParameters } from "../src/network/networkGraphs.ts";
import type { PresetName } from "../src/run/config.ts";
import type { Batch } from "../src/data/loader/batch.ts";

/** A network at a size. */
export interface Subject {
  readonly preset: PresetName;
  readonly network: ChosenNetwork;
  /** Height and width of the images. */
  readonly size: number;
  /** Images at a time. */
  readonly batch: number;
}

export const subject = (preset: PresetName, size: number, batch: number): Subject => ({
  preset,
  network: { network: sgdNetEntry, options: sizedOptions(sgdNetEntry, preset) },
  size,
  batch,
});

export const titleOf = ({ preset, size, batch }: Subject): string =>
  `${preset}, ${size} x ${size}, batch ${batch}`;

/**
 * Multiply-accumulates of one image that speeds are counted with: the convolutions of the whole network with the released dense Sobel
 * on the deep map, though a prediction leaves the auxiliary heads and the edge logit out.
 */
export function macsOf({ network, size }: Subject): number {
  const { macs, notes } = countNetwork(network, size);
  const deep = notes.macs.find(({ what }) => what.endsWith("deep map"))?.value ?? 0;
  return macs.layers + deep;
}

/**
 * Initial weights for timing: each tensor repeats its first 2^14 numbers, which spares drawing 74 million.
 */
export function drawWeights({ network, size: side }: Subject): Map<string, Tensor<"float32">> {
  const period = 2 ** 14;
  const weights = new Map<string, Tensor<"float32">>();
  for (const { name, shape, init } of networkParameters(network, [side, side])) {
    const size = sizeOf(shape);
    const drawn = initialValue(name, [Math.min(size, period)], init, 0).data;
    const data = new Float32Array(size);
    for (let at = 0; at < size; at += period) data.set(drawn.subarray(0, size - at), at);
    weights.set(name, tensor(shape, data));
  }
  return weights;
}

/** Phantoms as the network takes them. */
export function phantomBatch(count: number, size: number): Batch {
  const area = size * size;
  const images = new Float32Array(count * 3 * area);
  const masks = new Float32Array(count * area);
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    const { image, mask } = makePhantom({ seed: 0, index, size });
    normaliseImage(image, images, index * 3 * area);
    masks.set(mask.data, index * area);
    names.push(`phantom ${index}`);
  }
  return { names, images, masks };
}

/** @throws {NumericError} if a value is not finite: times of NaN arithmetic would mean nothing. */
export function requireFinite(values: ArrayLike<number>, what: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new NumericError(`${what}: every value must be finite, got ${values[i]} at ${i}`);
    }
  }
}
