/** A number and what it counts: `1 image`, `2 images`. */

/** @param noun  one of them; others take an s */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;
