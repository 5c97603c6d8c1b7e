/** Pictures as data URIs, for pages that carry all they show. */

import sharp from "sharp";
import type { RgbImage } from "../tensor/raster.ts";

/**
 * The picture as a JPEG data URI, shrunk so that neither side exceeds `maxSide`. Full colour
 * resolution, since thin coloured contours would smear without it.
 *
 * @param maxSide  pixels, default 800.
 */
export async function toDataUri({ width, height, data }: RgbImage, maxSide = 800): Promise<string> {
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: 88, chromaSubsampling: "4:4:4" })
    .toBuffer();
  return `data:image/jpeg;base64,${bytes.toString("base64")}`;
}
