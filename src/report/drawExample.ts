/** The pictures of a case: contours, border errors, the image, and classes where there are several. */
import type { Labels, RgbImage } from "../tensor/raster.ts";
import { drawBoundaryError, type BoundaryError } from "./drawBoundaryError.ts";
import { drawClasses } from "./drawClasses.ts";
import { drawOverlay } from "./drawOverlay.ts";

/** A picture beside the contours. */
export interface ReportView {
  readonly image: RgbImage;
  readonly caption: string;
  /** It shows the classes in the colours of `classColour`: the page then names them. */
  readonly showsClasses?: boolean;
}

/** A case to show, found in the scores by its name. */
export interface ReportExample {
  readonly name: string;
  /** From `drawOverlay`. */
  readonly overlay: RgbImage;
  /** From `drawBoundaryError`, shown beside it. */
  readonly boundaryError?: BoundaryError;
  /** The picture alone, and other views, such as guidance maps. */
  readonly views?: readonly ReportView[];
}

export interface ExampleLabels {
  readonly truth: Labels;
  readonly prediction: Labels;
  /** Several classes: they are shown in their colours. Default false. */
  readonly several?: boolean;
}

/**
 * Instances have a contour each where both sides tell them apart, else classes have.
 *
 * @param image  default: none is known, and the truth is drawn in its place, light on dark.
 * @throws {ShapeError} if labels and image differ in size.
 */
export function drawExample(
  name: string,
  { truth, prediction, several = false }: ExampleLabels,
  image?: RgbImage,
): ReportExample {
  const ground = image ?? drawn(truth);
  const classes = (labels: Labels, caption: string): ReportView => ({
    image: drawClasses(ground, labels),
    caption,
    showsClasses: true,
  });
  return {
    name,
    overlay: drawOverlay(ground, { truth, prediction }),
    boundaryError: drawBoundaryError(ground, truth, prediction),
    views: [
      ...(image ? [{ image, caption: "image" }] : []),
      ...(several
        ? [classes(truth, "true classes"), classes(prediction, "predicted classes")]
        : []),
    ],
  };
}

/** Grey levels of background and foreground, both dark enough for every contour to stand out. */
const [dark, light] = [40, 110];

/** The foreground as a picture. */
function drawn({ width, height, classes }: Labels): RgbImage {
  const data = new Uint8Array(3 * width * height).fill(dark);
  for (const [i, kind] of classes.entries()) if (kind > 0) data.fill(light, 3 * i, 3 * i + 3);
  return { width, height, data };
}
