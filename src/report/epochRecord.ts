/** One epoch of a training, as a line of the run's history and a point of its curves. */

export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  readonly learningRate: number;
  /** Means over the epoch's steps: the loss terms, `total` among them. */
  readonly train: Readonly<Record<string, number>>;
  /** `loss`, `dice`, `iou` and others; absent in an epoch that was not validated. */
  readonly validation?: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly imagesPerSecond: number;
}
