/** What lies beyond the border of a picture. */

/** `reflect101` mirrors about the outermost pixels (`dcb|abcd|cba`), `constant` is 0, background. */
export type Border = "reflect101" | "constant";

/** Index mirrored about the first and the last pixel, neither repeated; -1 for `constant` outside. */
export function inside(i: number, size: number, border: Border): number {
  if (i >= 0 && i < size) return i;
  if (border === "constant") return -1;
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const m = ((i % period) + period) % period;
  return m < size ? m : period - m;
}
