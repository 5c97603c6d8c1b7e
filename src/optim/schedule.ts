/** Learning-rate schedules: the rate at each step of a run. */

/** How the rate falls over the run; all act on whole epochs unless `unit` is `step`. */
export interface ScheduleOptions {
  readonly name: "polynomial" | "cosine" | "constant" | "step";
  /** polynomial: exponent; default 0.9. */
  readonly power?: number;
  /** cosine: the rate at the end, as a share of the first; default 0. */
  readonly floor?: number;
  /** step: epochs between drops; default 30. */
  readonly every?: number;
  /** step: factor of each drop; default 0.1. */
  readonly gamma?: number;
  /** Whether the rate changes once an epoch (default) or at every step. */
  readonly unit?: "epoch" | "step";
  /** Epochs of linear warm-up, in which the rate rises step by step from near 0; default 0. */
  readonly warmupEpochs?: number;
}

/** A moment of a run: epoch and step count from 0. */
export interface Moment {
  readonly epoch: number;
  readonly step: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/**
 * base . shape(p) . warm-up, where p = epoch (or, with unit `step`, epoch + step / stepsPerEpoch):
 * polynomial (1 - p / epochs)^power; cosine floor + (1 - floor)(1 + cos(pi p / epochs)) / 2;
 * constant 1; step gamma^floor(p / every). Warm-up: min(1, (steps done + 1) / steps of warm-up).
 *
 * @param base  the rate at the start (after warm-up)
 * @see SGDC paper, section 4.1: polynomial, power 0.9, by epoch
 */
export function learningRateAt(base: number, options: ScheduleOptions, moment: Moment): number {
  const { epoch, step, epochs, stepsPerEpoch } = moment;
  const { unit = "epoch", warmupEpochs = 0 } = options;
  const position = unit === "epoch" ? epoch : epoch + step / stepsPerEpoch;
  const warmupSteps = warmupEpochs * stepsPerEpoch;
  const stepsDone = epoch * stepsPerEpoch + step;
  const warmup = Math.min(1, (stepsDone + 1) / Math.max(1, warmupSteps));
  return base * shapeAt(options, position, epochs) * warmup;
}

function shapeAt(options: ScheduleOptions, position: number, epochs: number): number {
  const { power = 0.9, floor = 0, every = 30, gamma = 0.1 } = options;
  switch (options.name) {
    case "polynomial":
      return (1 - position / epochs) ** power;
    case "cosine":
      return floor + ((1 - floor) * (1 + Math.cos((Math.PI * position) / epochs))) / 2;
    case "constant":
      return 1;
    case "step":
      return gamma ** Math.floor(position / every);
  }
}
