/** What Albumentations and scikit-image made of a small sample; scripts/fixtures/augmentation.py wrote it. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Border } from "../../src/data/augment/border.ts";
import type { Labelled, RgbImage } from "../../src/tensor/raster.ts";

/** Values of the image, and classes. */
export interface Pair {
  readonly image: readonly number[];
  readonly mask: readonly number[];
}

type Numbers = readonly number[];
type Quad = readonly [x: number, y: number, width: number, height: number];

export const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/augmentation.json", import.meta.url), "utf8"),
) as Pair & {
  readonly width: number;
  readonly height: number;
  readonly colours: Numbers;
  readonly horizontalFlip: Pair;
  readonly verticalFlip: Pair;
  readonly rotate90: readonly (Pair & { readonly turns: number })[];
  readonly transpose: Pair;
  readonly rotations: readonly (Pair & { readonly border: Border; readonly degrees: number })[];
  readonly scales: readonly (Pair & { readonly border: Border; readonly factor: number })[];
  readonly padded: readonly (Pair & {
    readonly border: Border;
    readonly width: number;
    readonly height: number;
  })[];
  readonly crop: Pair & { readonly window: Quad };
  readonly windows: readonly {
    readonly width: number;
    readonly height: number;
    readonly smallestArea: number;
    readonly largestRatio: number;
    readonly numbers: Numbers;
    readonly window: Quad;
  }[];
  readonly resizedCrop: Pair & { readonly window: Quad };
  readonly elastic: {
    readonly alpha: number;
    readonly sigma: number;
    /** Along x, then along y. */
    readonly noise: readonly [Numbers, Numbers];
    readonly fields: readonly [Numbers, Numbers];
    readonly moved: readonly (Pair & { readonly border: Border })[];
  };
  readonly brightness: readonly { readonly factor: number; readonly image: Numbers }[];
  readonly contrast: readonly { readonly factor: number; readonly image: Numbers }[];
  readonly saturation: readonly { readonly factor: number; readonly image: Numbers }[];
  readonly hue: readonly { readonly turns: number; readonly image: Numbers }[];
  readonly hueOf8Bits: readonly { readonly turns: number; readonly image: Numbers }[];
  readonly gamma: readonly { readonly exponent: number; readonly image: Numbers }[];
  readonly blur: readonly { readonly sigma: number; readonly image: Numbers }[];
  readonly noise: { readonly std: number; readonly measured: number };
  readonly stains: readonly {
    readonly alpha: readonly [number, number, number];
    readonly beta: readonly [number, number, number];
    readonly image: Numbers;
  }[];
};

const { width, height } = fixture;

/** The sample that was given to the libraries; instance ids are 7 where the class is 1. */
export const sample: Labelled = {
  image: { width, height, data: Uint8Array.from(fixture.image) },
  labels: {
    width,
    height,
    classes: Uint8Array.from(fixture.mask),
    instances: Int32Array.from(fixture.mask, (value) => 7 * value),
  },
};

/** The picture of all kinds of colours. */
export const colours: RgbImage = { width, height, data: Uint8Array.from(fixture.colours) };

export const plain = ({ image, labels }: Labelled): Pair => ({
  image: [...image.data],
  mask: [...labels.classes],
});

/** Exactly the library's image and classes, and instances that went with them. */
export function expectSame(result: Labelled, { image, mask }: Pair): void {
  expect(plain(result)).toEqual({ image: [...image], mask: [...mask] });
  expect([...result.labels.instances!]).toEqual(mask.map((value) => 7 * value));
}

/** The largest difference of two lists of one length. */
export function largestDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  expect(ours.length).toBe(theirs.length);
  let most = 0;
  for (let i = 0; i < ours.length; i++) most = Math.max(most, Math.abs(ours[i]! - theirs[i]!));
  return most;
}
