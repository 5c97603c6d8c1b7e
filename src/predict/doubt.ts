/** When a prediction should not be trusted unseen. */
import type { RgbImage } from "../tensor/raster.ts";
import { resizeImage } from "../data/images/resize.ts";
import type { Fit } from "../data/loader/networkInput.ts";

/** What makes a prediction doubtful. */
export const doubts = ["unlike", "wholeFrame"] as const;
export type Doubt = (typeof doubts)[number];

/**
 * From here on an image is unlike those of the training. With one kind of the Data Science Bowl's images left out after another,
 * this told 97 % and more of every stain that the training lacked; see docs/explanation/robustness.md.
 */
export const unlikeFrom = 1.5;

/** A mask of this share of the image and more is mostly a failure of a network that met a pale image. */
export const wholeFrameFrom = 0.9;

/** What is known of a prediction. */
export interface Judged {
  /** As `noveltyOf` gives it; absent where the checkpoint does not know its training images. */
  readonly novelty?: number;
  /** Share of the image that is foreground of any class. */
  readonly foreground: number;
}

/** What is doubtful about it, perhaps nothing. */
export const doubtsOf = ({ novelty = 0, foreground }: Judged): Doubt[] => [
  ...(novelty > unlikeFrom ? (["unlike"] as const) : []),
  ...(foreground >= wholeFrameFrom ? (["wholeFrame"] as const) : []),
];

/** The image at the scale at which the network looks at it: appearances are compared there. */
export const asSeen = (image: RgbImage, { fit, size }: { fit: Fit; size: number }): RgbImage =>
  fit === "resize" ? resizeImage(image, size, size) : image;

/** Sums up how sure a network is of a mask, strip by strip. */
export interface Certainty {
  /**
   * @param foreground  probabilities
   * @param mask        0: background
   */
  add(foreground: Float32Array, mask: Uint8Array): void;
  /** The Dice to be expected if the probabilities are right; NaN of an empty mask. */
  expectedDice(): number;
}

/**
 * E[Dice] of mask M is about 2 sum_{i in M} p_i / (|M| + sum_i p_i), sums over all pixels: with every p_i of 0 or 1 and M those
 * of 1 it is 1. Where flips are averaged, disagreement between them lowers it.
 */
export function createCertainty(): Certainty {
  let [inside, all, area] = [0, 0, 0];
  return {
    add(foreground, mask) {
      for (let i = 0; i < mask.length; i++) {
        all += foreground[i]!;
        if (mask[i] === 0) continue;
        inside += foreground[i]!;
        area++;
      }
    },
    expectedDice: () => (area === 0 ? NaN : (2 * inside) / (area + all)),
  };
}
