/** Mirror images of a sample. */
import type { Labelled } from "../../tensor/raster.ts";
import { gather } from "./gather.ts";

/** Left becomes right: out[y, x] = in[y, W - 1 - x]. */
export function flipHorizontal(sample: Labelled): Labelled {
  const { width, height } = sample.labels;
  const from = new Int32Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let at = (y + 1) * width - 1; at >= y * width; at--) from[to++] = at;
  }
  return gather(sample, width, height, from);
}

/** Top becomes bottom: out[y, x] = in[H - 1 - y, x]. */
export function flipVertical(sample: Labelled): Labelled {
  const { width, height } = sample.labels;
  const from = new Int32Array(width * height);
  for (let y = height - 1, to = 0; y >= 0; y--) {
    for (let at = y * width; at < (y + 1) * width; at++) from[to++] = at;
  }
  return gather(sample, width, height, from);
}
