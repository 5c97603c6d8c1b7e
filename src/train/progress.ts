/** How far a run has come, and what it tells while it runs. */
import { z } from "zod";

const numbers = z.record(z.string(), z.number());

export const epochRecordSchema = z.object({
  /** Counted from 1. */
  epoch: z.number(),
  learningRate: z.number(),
  /** Means over the epoch's steps: the loss terms, `total` among them. */
  train: numbers,
  /** `loss`, `dice`, `iou` and others; absent in an epoch that was not validated. */
  validation: numbers.exactOptional(),
  seconds: z.number(),
  imagesPerSecond: z.number(),
});

/** One epoch of a training: a line of the history, a point of the curves. */
export type EpochRecord = Readonly<z.output<typeof epochRecordSchema>>;

/** The state of the loop between two steps; what a checkpoint keeps beside the arrays. */
export const progressSchema = z.strictObject({
  /** Finished epochs. */
  epoch: z.int().min(0),
  /** Finished steps of the epoch under way. */
  step: z.int().min(0),
  /** Sums over those steps: the loss terms times the images, the images, and the seconds spent. */
  sums: numbers,
  images: z.number(),
  seconds: z.number(),
  /** Total loss of the last step; absent before the first. */
  lastLoss: z.number().optional(),
  /** The best epoch so far, counted from 1, and its score: Dice or another, or the negative training loss. */
  best: z.strictObject({ epoch: z.int(), score: z.number() }).optional(),
  history: z.array(epochRecordSchema),
});

export type Progress = z.output<typeof progressSchema>;

export const atStart = (): Progress => ({
  epoch: 0,
  step: 0,
  sums: {},
  images: 0,
  seconds: 0,
  history: [],
});

/** Told after every optimizer step. */
export interface StepEvent {
  /** Counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Within the epoch, counted from 1. */
  readonly step: number;
  readonly steps: number;
  /** Loss terms of this step, `total` among them. */
  readonly terms: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Over the epoch so far. */
  readonly imagesPerSecond: number;
  /** Estimated time to the end of the run, validation included once it has been timed. */
  readonly secondsLeft: number;
}

/** Told after every epoch. */
export interface EpochEvent {
  readonly record: EpochRecord;
  readonly epochs: number;
  /** Whether it is the best so far. */
  readonly best: boolean;
  /** All epochs so far, this one included. */
  readonly history: readonly EpochRecord[];
}

/** Listeners of a run; all may be left out. The loop waits for them. */
export interface FitEvents {
  onStep?(event: StepEvent): void;
  onEpoch?(event: EpochEvent): void | Promise<void>;
}
