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
