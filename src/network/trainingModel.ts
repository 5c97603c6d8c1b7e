/** What the fit loop needs of a network: steps with gradients, evaluation, and named arrays. */
import type { Batch } from "../data/loader/batch.ts";
import type { Shape } from "../tensor/shape.ts";

/** What a micro-batch says of a running statistic: buffer = decay . buffer + fresh. */
export interface StatisticUpdate {
  /** Of the buffer. */
  readonly name: string;
  readonly decay: number;
  readonly fresh: Float32Array;
}

/** What one micro-batch gives. */
export interface StepResult {
  /** Loss terms, each the mean over the images; `total` is what the gradients belong to. */
  readonly terms: Readonly<Record<string, number>>;
  /**
   * d total / d parameter, one array for each of `parameters`. The loop may change them; they need
   * to last only until the next call.
   */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** Running statistics, always in the same order; the loop moves them. */
  readonly statistics: readonly StatisticUpdate[];
}

/** What evaluation gives. */
export interface EvaluationResult {
  readonly terms: Readonly<Record<string, number>>;
  /** [N, C, H, W], in 0..1: one channel a class, preceded by the background where there are several. */
  readonly probabilities: Float32Array;
}

/**
 * A network in training. The arrays are handed out by reference and stay the same objects: the
 * optimizer changes `parameters` in place, and the next call must see that.
 */
export interface TrainingModel {
  /** Trained arrays, by their names in a checkpoint. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** Arrays that are kept but not trained: running statistics, and what is frozen. */
  readonly buffers: ReadonlyMap<string, Float32Array>;
  /** Shapes of parameters and buffers. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /**
   * Loss and gradients of one micro-batch with batch statistics, and what they move the running statistics by; changes nothing.
   *
   * @param images  [N, 3, H, W], normalised
   * @param masks   [N, P, H, W], 0 or 1; planes as in `TargetOptions`
   * @param count   N
   * @param seed    of whatever is random in this micro-batch, such as dropout; differs from step to step
   */
  step(images: Float32Array, masks: Float32Array, count: number, seed: number): Promise<StepResult>;
  /** Loss and probabilities with running statistics; changes nothing. Any count must work. */
  evaluate(images: Float32Array, masks: Float32Array, count: number): Promise<EvaluationResult>;
  /** Frees what the engine holds. */
  dispose(): Promise<void>;
}

/** Where batches come from; `epoch(n)` must give the same for the same n, whatever came before. */
export interface BatchSource {
  readonly batchesPerEpoch: number;
  epoch(n: number): AsyncIterable<Batch>;
}
