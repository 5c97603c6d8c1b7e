/** Pictures that were saved as JPEG on their way. */
import sharp from "sharp";
import type { RgbImage } from "../../tensor/raster.ts";

/**
 * The image after saving and opening it as JPEG, colours at half resolution as cameras save them.
 *
 * @param quality  1..100, as libjpeg counts it
 */
export async function jpeg({ width, height, data }: RgbImage, quality: number): Promise<RgbImage> {
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: "4:2:0" })
    .toBuffer();
  const { data: pixels } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { width, height, data: new Uint8Array(pixels) };
}
