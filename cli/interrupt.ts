/** Ctrl-C, and what launchers and job systems send in its place: the first ends cleanly, the second at once. */

/** A command was ended by Ctrl-C; the message says how to go on. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** What commands that train say at the first Ctrl-C. */
export const endingAfterStep = "ending after the step under way; Ctrl-C again ends at once";

/** Job systems warn with SIGUSR1 or SIGUSR2 before they end a job; launchers of MPI hand them on. Windows knows neither. */
const signals: readonly NodeJS.Signals[] = [
  ...(["SIGINT", "SIGTERM"] as const),
  ...(process.platform === "win32" ? [] : (["SIGUSR1", "SIGUSR2"] as const)),
];

/**
 * Runs `work` with a signal that Ctrl-C (or SIGTERM, SIGUSR1, SIGUSR2) aborts. The listener removes itself: a second
 * Ctrl-C then meets the system's default, which ends even a process whose engine is computing.
 *
 * @param tell  called at the first Ctrl-C
 */
export async function interruptible<T>(
  tell: () => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    for (const name of signals) process.off(name, stop);
    tell();
    controller.abort(new Interrupted("interrupted"));
  };
  for (const name of signals) process.on(name, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}
