/** Keeping the work: placeholder until storage is written. */
export function keepSoon(): void {
  // Filled in by the next change.
}
