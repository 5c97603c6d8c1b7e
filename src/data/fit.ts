/** How images meet the size of the network. */

/**
 * `resize` shows the network all of an image, at another scale; `crop` keeps its scale and shows parts of it: another one each
 * epoch in training, overlapping tiles in prediction.
 */
export const fits = ["resize", "crop"] as const;

export type Fit = (typeof fits)[number];
