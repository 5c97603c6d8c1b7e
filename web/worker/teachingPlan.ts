/** How many steps a teaching takes, and which image is held back. */

/** From this many images on one is held back to measure by. */
export const leastToHoldBack = 4;

/** The last image is held back where there are enough; the others teach. */
export function splitLessons<Sample>(samples: readonly Sample[]): {
  readonly lessons: readonly Sample[];
  readonly heldBack: Sample | undefined;
} {
  if (samples.length < leastToHoldBack) return { lessons: samples, heldBack: undefined };
  return { lessons: samples.slice(0, -1), heldBack: samples.at(-1) };
}

/** Images of a step: all of a few, and batches as even as can be of more. */
export function batchSizeOf(images: number): number {
  const most = 4;
  return Math.ceil(images / Math.ceil(images / most));
}

/** Epochs that have about so many steps, at least one. */
export function epochsFor(steps: number, images: number): number {
  const stepsPerEpoch = Math.ceil(images / batchSizeOf(images));
  return Math.max(1, Math.round(steps / stepsPerEpoch));
}
