/** The time, and a moment for others: what the fit loop needs of its surroundings beside a store. */

export interface Clock {
  /** Seconds since some moment; never goes back. */
  seconds(): number;
  /** Lets timers, messages and signals have their turn: an engine may block its thread while it computes. */
  pause(): Promise<void>;
}

/** The clock of any platform that has the web's timers. */
export const webClock: Clock = {
  seconds: () => performance.now() / 1000,
  pause: () => new Promise((resolve) => setTimeout(resolve, 0)),
};
