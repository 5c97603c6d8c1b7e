/** What a person has painted, kept apart from what a network predicts: the mask is the prediction with the edits over it. */

/** A part of an image, pixels; empty where the right end is not above the left. */
export interface Area {
  readonly left: number;
  readonly top: number;
  /** Behind the last column. */
  readonly right: number;
  /** Behind the last row. */
  readonly bottom: number;
}

/** One byte a pixel: 0 untouched, 1 painted background, k + 1 painted class k. */
export interface Edits {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export const untouched = 0;

/** The byte of a painted class; class 0 is the background. */
export const paintOf = (kind: number): number => kind + 1;

export const noEdits = (width: number, height: number): Edits => ({
  width,
  height,
  data: new Uint8Array(width * height),
});

export const wholeArea = ({ width, height }: { width: number; height: number }): Area => ({
  left: 0,
  top: 0,
  right: width,
  bottom: height,
});

export const isEmpty = ({ left, top, right, bottom }: Area): boolean =>
  right <= left || bottom <= top;

/** The part of an area that lies in an image. */
export const within = (area: Area, { width, height }: { width: number; height: number }): Area => ({
  left: Math.max(0, area.left),
  top: Math.max(0, area.top),
  right: Math.min(width, area.right),
  bottom: Math.min(height, area.bottom),
});

/** The smallest area that holds both. */
export function joined(a: Area, b: Area): Area {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

/** What a network says of every pixel, and from which probability on a pixel is foreground. */
export interface Prediction {
  /** Foreground alone, or the background and each class. */
  readonly channels: readonly Float32Array[];
  readonly threshold: number;
}

/**
 * Class of every pixel of an area: what was painted, else what is predicted, else the background. Elsewhere `target` is left as it
 * is.
 *
 * @param target  of the image's size
 */
export function compose(
  target: Uint8Array,
  { width, data: edits }: Edits,
  prediction: Prediction | undefined,
  { left, top, right, bottom }: Area,
): void {
  const { channels = [], threshold = 1 } = prediction ?? {};
  const [first] = channels;
  for (let y = top; y < bottom; y++) {
    for (let i = y * width + left, end = y * width + right; i < end; i++) {
      const painted = edits[i]!;
      if (painted !== untouched) target[i] = painted - 1;
      else if (channels.length === 1) target[i] = first![i]! >= threshold ? 1 : 0;
      else {
        let best = 0;
        for (let c = 1; c < channels.length; c++) {
          if (channels[c]![i]! > channels[best]![i]!) best = c;
        }
        target[i] = best;
      }
    }
  }
}

/**
 * Counts the pixels of each class in an area.
 *
 * @param counts  [classes], 256 of them; added to, or with `sign` -1 taken from
 */
export function countClasses(
  counts: Float64Array,
  mask: Uint8Array,
  width: number,
  { left, top, right, bottom }: Area,
  sign: 1 | -1 = 1,
): void {
  for (let y = top; y < bottom; y++) {
    for (let i = y * width + left, end = y * width + right; i < end; i++) {
      counts[mask[i]!]! += sign;
    }
  }
}

/** Counts of a mask without a pixel of any class. */
export const noCounts = (): Float64Array => new Float64Array(256);
