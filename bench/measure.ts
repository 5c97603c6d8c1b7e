/** Times of repeated calls. */

/** Seconds. */
export interface Timing {
  readonly minimum: number;
  readonly median: number;
  /** Calls that count. */
  readonly repeats: number;
  /** The calls before them, which fault pages in, grow arenas and compile; they do not count. */
  readonly warmUp: readonly number[];
}

export interface MeasureOptions {
  /** The most calls that count. */
  readonly repeats: number;
  /** Calls before; default 2. */
  readonly warmUp?: number;
  /** No further call once so much time is spent, if at least 3 count. Default 30. */
  readonly seconds?: number;
}

/** Calls `action` again and again. */
export async function measure(
  action: () => unknown,
  { repeats, warmUp = 2, seconds = 30 }: MeasureOptions,
): Promise<Timing> {
  const samples: number[] = [];
  let spent = 0;
  while (samples.length < warmUp + repeats) {
    const counted = samples.length - warmUp;
    if (spent > seconds && counted >= 3) break;
    const sample = await secondsOf(action);
    samples.push(sample);
    spent += sample;
  }
  return timingOf(samples, warmUp);
}

/** Seconds that one call takes. */
export async function secondsOf(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}

/** Sums up samples of which the first `warmUp` do not count. */
export function timingOf(samples: readonly number[], warmUp: number): Timing {
  const counted = samples.slice(warmUp).sort((a, b) => a - b);
  const middle = counted.length / 2;
  const upper = counted[Math.floor(middle)] ?? NaN;
  const lower = counted[Math.ceil(middle) - 1] ?? NaN;
  return {
    minimum: counted[0] ?? NaN,
    median: (lower + upper) / 2,
    repeats: counted.length,
    warmUp: samples.slice(0, warmUp),
  };
}
