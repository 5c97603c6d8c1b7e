/** Why distances are in pixels although some images tell the size of their pixels in mm. */
import type { SpacingCount } from "../data/images/spacing.ts";

/** A line, or none where all images or no images tell it. */
export const spacingNotes = ({ images, known }: SpacingCount): string[] =>
  known === 0 || known === images
    ? []
    : [`distances in pixels: ${known} of ${images} images tell the size of their pixels in mm`];
