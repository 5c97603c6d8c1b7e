/** Which of the images that are scored `predict` would have called doubtful. */
import { appearanceOf } from "../data/appearance.ts";
import type { Sample } from "../data/dataset.ts";
import type { Fit } from "../data/loader/networkInput.ts";
import { readSample } from "../data/readSample.node.ts";
import { asSeen, doubtsOf, type Doubt } from "../predict/doubt.ts";
import { noveltyOf, type KnownAppearances } from "../predict/novelty.ts";
import type { Labelled } from "../tensor/raster.ts";
import type { PairSource } from "./scorePairs.ts";

/** An image with what speaks against its prediction. */
export interface JudgedImage {
  readonly name: string;
  /** Absent where the training images are not known. */
  readonly novelty?: number;
  /** Perhaps nothing. */
  readonly doubts: readonly Doubt[];
}

/** Looks on while pairs are read and scored. */
export interface Judge {
  /** Reads a sample as `predictedPairs` would, and looks at the image. */
  readonly read: (sample: Sample) => Promise<Labelled>;
  /** The same pairs, of which the predictions are looked at as they pass. */
  readonly watch: (source: PairSource) => PairSource;
  /** Of every pair that has passed, in their order. */
  readonly judged: readonly JudgedImage[];
}

/**
 * @param known  what the training images look like; without it novelty is not told
 * @param look   how the network sees images
 */
export function createJudge(
  known: KnownAppearances | undefined,
  look: { readonly fit: Fit; readonly size: number },
): Judge {
  const novelties = new Map<string, number>();
  const judged: JudgedImage[] = [];
  return {
    judged,
    async read(sample) {
      const own = await readSample(sample);
      if (known)
        novelties.set(sample.name, noveltyOf(appearanceOf(asSeen(own.image, look)), known));
      return own;
    },
    watch: (source) => ({
      ...source,
      async *pairs() {
        for await (const pair of source.pairs()) {
          const { name, prediction } = pair;
          const covered = prediction.classes.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0);
          const foreground = covered / prediction.classes.length;
          const novelty = novelties.get(name);
          const novel = novelty === undefined ? {} : { novelty };
          judged.push({ name, ...novel, doubts: doubtsOf({ ...novel, foreground }) });
          yield pair;
        }
      },
    }),
  };
}
