/** What images from elsewhere differ by, each as an operation of a strength from 0 (nothing) to 1 (as much as still occurs). */
import type { Random } from "../../base/random.ts";
import type { Labelled, RgbImage } from "../../tensor/raster.ts";
import { brightness, contrast, gamma, hue, saturation } from "../augment/colours.ts";
import { gaussianBlur } from "../augment/gaussianBlur.ts";
import { gaussianNoise } from "../augment/gaussianNoise.ts";
import { magnify } from "./magnify.ts";
import { vignette } from "./vignette.ts";

/** One way to differ. */
export interface Shift {
  /** What `amount` is, as `factor` or `sigma, pixels`. */
  readonly unit: string;
  /** The operation's own parameter at a strength of 0..1. */
  readonly amount: (strength: number) => number;
  /** Changes image and labels by that parameter; jpeg is encoded elsewhere, and has none. */
  readonly apply?: (sample: Labelled, amount: number, random: Random) => Labelled;
}

const ofImage =
  (change: (image: RgbImage, amount: number, random: Random) => RgbImage) =>
  ({ image, labels }: Labelled, amount: number, random: Random): Labelled => ({
    image: change(image, amount, random),
    labels,
  });

/** A shift added here is measured, printed, drawn and documented by the command's help. */
export const shiftTable = {
  darker: { unit: "factor", amount: (s) => 1 - 0.75 * s, apply: ofImage(brightness) },
  brighter: { unit: "factor", amount: (s) => 1 + s, apply: ofImage(brightness) },
  flatter: { unit: "contrast factor", amount: (s) => 1 - 0.8 * s, apply: ofImage(contrast) },
  gammaUp: { unit: "exponent", amount: (s) => 3 ** s, apply: ofImage(gamma) },
  gammaDown: { unit: "exponent", amount: (s) => 3 ** -s, apply: ofImage(gamma) },
  blur: { unit: "sigma, pixels", amount: (s) => 4 * s, apply: ofImage(gaussianBlur) },
  noise: {
    unit: "deviation, share of the range",
    amount: (s) => 0.2 * s,
    apply: ofImage((image, std, random) => gaussianNoise(image, random, std)),
  },
  hue: { unit: "turn of the circle", amount: (s) => 0.25 * s, apply: ofImage(hue) },
  grey: { unit: "saturation factor", amount: (s) => 1 - s, apply: ofImage(saturation) },
  smaller: { unit: "magnification", amount: (s) => 2 ** -s, apply: magnify },
  larger: { unit: "magnification", amount: (s) => 2 ** s, apply: magnify },
  vignette: { unit: "loss in the corners", amount: (s) => s, apply: ofImage(vignette) },
  jpeg: { unit: "quality", amount: (s) => Math.round(95 - 90 * s) },
} satisfies Record<string, Shift>;

export type ShiftName = keyof typeof shiftTable;

/** All names, in the order of the table. */
export const shiftNames = Object.keys(shiftTable) as readonly ShiftName[];
