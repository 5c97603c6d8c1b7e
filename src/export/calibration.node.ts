/** The images that an 8-bit network is calibrated on, as it sees them. */
import { ArgumentError } from "../base/errors.ts";
import { cutImage } from "../data/augment/window.ts";
import { resizeImage } from "../data/images/resize.ts";
import { normaliseImage } from "../data/loader/networkInput.ts";
import { readSampleImage, type SampleImage } from "../data/readSample.node.ts";
import type { NetworkFacts } from "../network/facts.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";

/** Fewer images leave ranges to chance; more hardly move them. */
const [least, most] = [4, 32];

/**
 * Images as the network sees them: resized or, of one that sees tiles, the tile in the middle. Of many, 32 evenly spaced ones.
 *
 * @throws {ArgumentError} if there are fewer than four; {DataError} if one cannot be read.
 */
export async function calibrationImages(
  inputs: readonly SampleImage[],
  { input }: Pick<NetworkFacts, "input">,
): Promise<Tensor<"float32">[]> {
  if (inputs.length < least) {
    throw new ArgumentError(
      `calibrate (--calibrate): must hold at least ${least} images like those to be predicted, got ${inputs.length}; add some`,
    );
  }
  const { size, fit, zoom, values } = input;
  const count = Math.min(inputs.length, most);
  const chosen = Array.from(
    { length: count },
    (_, i) => inputs[Math.floor((i * inputs.length) / count)]!,
  );
  const tensors: Tensor<"float32">[] = [];
  for (const one of chosen) {
    const image = await readSampleImage({ ...one, range: values });
    const seen = fit === "resize" ? resizeImage(image, size, size) : middle(image, size, zoom);
    const data = new Float32Array(3 * size * size);
    normaliseImage(seen, data);
    tensors.push(tensor([1, 3, size, size], data));
  }
  return tensors;
}

function middle(image: RgbImage, size: number, zoom: number): RgbImage {
  const width = Math.max(1, Math.round(image.width * zoom));
  const height = Math.max(1, Math.round(image.height * zoom));
  const [x, y] = [width, height].map((side) => Math.max(0, Math.floor((side - size) / 2)));
  return cutImage(resizeImage(image, width, height), x!, y!, size, size);
}
