/** Brightness as the eye weighs colours. */

/** Y = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), 0..255, for the pixel whose red is `data[at]`. */
export const luminance = (data: Uint8Array, at: number): number =>
  0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
