/** Where a predicted border is off, and by how many pixels, drawn over the picture. */
import { foregroundIndices } from "../metrics/border.ts";
import { distancesAt } from "../metrics/distanceTransform.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { classMask, type Labels, type Mask, type RgbImage } from "../tensor/raster.ts";
import { contourWidth } from "./drawOverlay.ts";
import { instanceErrors, type InstanceErrors } from "./instanceErrors.ts";
import { outline } from "./outline.ts";
import {
  confusedColour,
  errorScale,
  falseColour,
  mixed,
  missedColour,
  scaleColour,
  type Rgb,
} from "./palette.ts";

export interface BoundaryError {
  readonly image: RgbImage;
  /** Pixels; borders farther off have the same colour. */
  readonly clip: number;
  /** The predicted border's largest distance to the true one, pixels; NaN without a prediction, Infinity without a truth. */
  readonly largest: number;
  /** What the third tint means, and how many instances are wrong where they are told apart. */
  readonly kind: "mask" | "classes" | "instances";
  readonly objects?: InstanceErrors;
}

/** How much of a tint covers the image. */
const tintShare = 0.5;

/** 2 % of the image's diagonal, the rim of boundary IoU, in whole pixels and at least 3. */
export const defaultClip = ({ width, height }: { width: number; height: number }): number =>
  Math.max(3, Math.round(0.02 * Math.hypot(width, height)));

/**
 * The image in dim grey, with every border pixel of the prediction coloured by its distance to the true
 * border, min over true border pixels b of |p - b|: white 0, by yellow and orange to red at `clip` and
 * beyond. These are the distances of the surface metrics from the prediction to the truth. Borders are
 * those of `outline`: of each instance, or else of each class, which is then measured to the true border of
 * its own class.
 *
 * Regions are tinted: missed blue, false pink, green what is there but as something else. Of instances whole
 * objects are tinted (`instanceErrors`; green: merged or split), else pixels (green: the wrong class).
 *
 * @param truth       labels of the image's size.
 * @param prediction  labels of the image's size; instances count where both tell them apart.
 * @param clip        pixels, above 0; default `defaultClip`.
 * @throws {ShapeError} if labels and image differ in size.
 * @throws {ArgumentError} if `clip` is not above 0.
 */
export function drawBoundaryError(
  image: RgbImage,
  truth: Labels,
  prediction: Labels,
  { clip = defaultClip(image) }: { readonly clip?: number } = {},
): BoundaryError {
  checkSize("truth", image, truth);
  checkSize("prediction", image, prediction);
  if (!(clip > 0 && clip < Infinity))
    throw new ArgumentError(`drawBoundaryError: clip must be above 0 and finite, got ${clip}`);
  const apart = truth.instances !== undefined && prediction.instances !== undefined;
  const objects = apart ? instanceErrors(truth, prediction) : undefined;
  const data = dimmed(image);
  const tint = objects ? objectTint(truth, prediction, objects) : pixelTint(truth, prediction);
  for (let i = 0; i < truth.classes.length; i++) {
    const colour = tint(i);
    if (colour)
      data.set(mixed([data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!], colour, tintShare), i * 3);
  }
  const borders = apart
    ? [bordersOf(truth, prediction)]
    : classesIn(truth, prediction).map((kind) =>
        bordersOf(classMask(truth, kind), classMask(prediction, kind)),
      );
  const points = borders.flat().sort((a, b) => a.distance - b.distance);
  // Small errors first, so that large ones stay on top.
  for (const { pixel, distance } of points)
    stamp(data, image, pixel, scaleColour(errorScale, Math.min(1, distance / clip)));
  const severalClasses = classesIn(truth, prediction).some((kind) => kind > 1);
  return {
    image: { width: image.width, height: image.height, data },
    clip,
    largest: points.at(-1)?.distance ?? NaN,
    kind: apart ? "instances" : severalClasses ? "classes" : "mask",
    ...(objects && { objects }),
  };
}

function checkSize(role: string, { width, height }: RgbImage, labels: Labels): void {
  if (labels.width !== width || labels.height !== height)
    throw new ShapeError(
      `drawBoundaryError: ${role} must have the image's size ${width} x ${height} (width x height), ` +
        `got ${labels.width} x ${labels.height}; resize it first`,
    );
}

/** Grey at little more than half the brightness, so that every colour stands out. */
function dimmed({ data }: RgbImage): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const grey = 0.3 * data[i]! + 0.59 * data[i + 1]! + 0.11 * data[i + 2]!;
    out.fill(Math.round(0.55 * grey), i, i + 3);
  }
  return out;
}

type Tint = (pixel: number) => Rgb | undefined;

const pixelTint =
  (truth: Labels, prediction: Labels): Tint =>
  (i) => {
    const [actual, predicted] = [truth.classes[i]!, prediction.classes[i]!];
    if (actual === predicted) return undefined;
    return predicted === 0 ? missedColour : actual === 0 ? falseColour : confusedColour;
  };

const objectTint = (truth: Labels, prediction: Labels, errors: InstanceErrors): Tint => {
  const [actual, predicted] = [truth.instances!, prediction.instances!];
  return (i) => {
    const [t, p] = [actual[i]!, predicted[i]!];
    if (errors.merged.has(p) || errors.fragments.has(p)) return confusedColour;
    if (errors.invented.has(p)) return falseColour;
    return errors.missed.has(t) ? missedColour : undefined;
  };
};

const classesIn = (...all: readonly Labels[]): number[] =>
  [...new Set(all.flatMap(({ classes }) => [...new Set(classes)]))].filter((kind) => kind > 0);

/** Every border pixel of the prediction, with its distance to the true border. */
function bordersOf(truth: Mask | Labels, prediction: Mask | Labels) {
  const pixels = foregroundIndices(outline(prediction));
  const distances = distancesAt(pixels, outline(truth));
  return Array.from(pixels, (pixel, i) => ({ pixel, distance: distances[i]! }));
}

/** A square as wide as a contour, centred on the pixel. */
function stamp(data: Uint8Array, image: RgbImage, pixel: number, colour: Rgb): void {
  const { width, height } = image;
  const size = contourWidth(image);
  const left = (pixel % width) - Math.floor((size - 1) / 2);
  const top = Math.floor(pixel / width) - Math.floor((size - 1) / 2);
  for (let y = Math.max(0, top); y < Math.min(height, top + size); y++)
    for (let x = Math.max(0, left); x < Math.min(width, left + size); x++)
      data.set(colour, (y * width + x) * 3);
}
