/** Pictures in memory: interleaved 8-bit colour, and one-channel maps. */

/** 8-bit RGB, interleaved row by row: `data[(y * width + x) * 3 + channel]`. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Binary mask: 0 background, 1 foreground, `data[y * width + x]`. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One number a pixel: probabilities in 0..1, distances, guidance. */
export interface FloatMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** What every pixel of an image is. */
export interface Labels {
  readonly width: number;
  readonly height: number;
  /** Class of every pixel: 0 background, 1 to K. */
  readonly classes: Uint8Array;
  /** Instance of every pixel, where instances are told apart: 0 background, else an id of 1 and up; ids may have gaps. */
  readonly instances?: Int32Array;
}

/** An image and its labels, of one size. */
export interface Labelled {
  readonly image: RgbImage;
  readonly labels: Labels;
}

/** Foreground of any class. Shares the labels' memory where they are a binary mask already. */
export function foregroundOf({ width, height, classes }: Labels): Mask {
  const binary = classes.every((value) => value <= 1);
  return { width, height, data: binary ? classes : classes.map((value) => (value > 0 ? 1 : 0)) };
}

/** The pixels of class k, 1 to K, as a mask of its own. */
export const classMask = ({ width, height, classes }: Labels, k: number): Mask => ({
  width,
  height,
  data: classes.map((value) => (value === k ? 1 : 0)),
});
