/** Reading an image file of any common kind as 8-bit RGB. */
import sharp from "sharp";
import type { RgbImage } from "../tensor/raster.ts";
import { decoding, openImage, type ReadOptions } from "./decode.node.ts";

/**
 * The image as 8-bit sRGB, the way a viewer shows it.
 *
 * EXIF orientation is applied. Grey becomes three equal channels, palettes their colours, CMYK and
 * embedded colour profiles sRGB. Of 16-bit samples the upper byte is kept, v >> 8: a fixed rule, so that
 * pictures of one set stay comparable. Transparency is laid over white, the background that lesion and
 * slide pictures are published on.
 *
 * @throws {DataError} if the file is unreadable, truncated, no image, too large, or of an unusual kind.
 */
export async function readImage(path: string, options: ReadOptions = {}): Promise<RgbImage> {
  const { bytes } = await openImage(path, options);
  const { data, info } = await decoding(path, () =>
    sharp(bytes, { limitInputPixels: false })
      .autoOrient()
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true }),
  );
  const { width, height } = info;
  return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, width * height * 3) };
}
