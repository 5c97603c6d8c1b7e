/** Looking through all samples before a long run, so that a bad file ends it at once. */
import type { Sample } from "./dataset.ts";
import type { ReadOptions } from "./formats/decode.node.ts";
import { readSample } from "./readSample.node.ts";

/** What was found in the samples. */
export interface Survey {
  readonly count: number;
  /** Names of samples without any foreground; legal, but worth telling. */
  readonly empty: readonly string[];
  /** Mean fraction of foreground pixels, 0..1; 0 for no samples. */
  readonly foreground: number;
  /** Most and fewest pixels of an image; 0 for no samples. */
  readonly mostPixels: number;
  readonly fewestPixels: number;
}

/**
 * Reads every image and mask once.
 *
 * @throws {DataError} as `readSample`, for the first bad sample.
 */
export async function surveySamples(
  samples: readonly Sample[],
  options: ReadOptions = {},
): Promise<Survey> {
  const empty: string[] = [];
  let foreground = 0;
  let mostPixels = 0;
  let fewestPixels = samples.length === 0 ? 0 : Infinity;
  for (const sample of samples) {
    const { labels } = await readSample(sample, options);
    const area = labels.classes.length;
    const inside = labels.classes.reduce((sum, v) => sum + Math.sign(v), 0);
    if (inside === 0) empty.push(sample.name);
    foreground += inside / area / samples.length;
    mostPixels = Math.max(mostPixels, area);
    fewestPixels = Math.min(fewestPixels, area);
  }
  return { count: samples.length, empty, foreground, mostPixels, fewestPixels };
}
