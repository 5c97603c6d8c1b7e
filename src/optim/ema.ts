/** Weight averaging: an exponential moving average of named arrays. */
import type { NamedArrays } from "./updateRule.ts";

/** The running average of live arrays. */
export interface Ema {
  /** average += (1 - d)(live - average), d = min(decay, (1 + t) / (10 + t)) at update t = 0, 1, ... */
  update(): void;
  /** Exchanges live arrays and averages, in place; twice restores every bit. */
  swap(): void;
  /** Live averages under the names of the live arrays, and `updates`, one number; to be read and written. */
  readonly state: NamedArrays;
}

/**
 * Averages `live`, starting from its present values. The decay grows from 0.1 to `decay`, so that
 * the first random weights are soon forgotten.
 *
 * @param decay  in 0..1; 0.999 averages over about the last 1000 steps
 */
export function createEma(live: NamedArrays, decay: number): Ema {
  const updates = new Float32Array(1);
  const averages = new Map([...live].map(([name, values]) => [name, values.slice()]));
  const state = new Map([["updates", updates], ...averages]);
  return {
    state,
    update() {
      const t = updates[0]!++;
      const share = 1 - Math.min(decay, (1 + t) / (10 + t));
      for (const [name, values] of live) {
        const average = averages.get(name)!;
        for (let i = 0; i < values.length; i++) average[i]! += share * (values[i]! - average[i]!);
      }
    },
    swap() {
      for (const [name, values] of live) {
        const average = averages.get(name)!;
        const kept = values.slice();
        values.set(average);
        average.set(kept);
      }
    },
  };
}
