/** Reading an image file of any common kind as 8-bit RGB. */
import sharp from "sharp";
import type { RgbImage } from "../../tensor/raster.ts";
import { decoding, openImage, type OpenedPicture, type ReadOptions } from "./openImage.node.ts";
import { decodeBmp } from "../formats/decodeBmp.ts";
import { decodeDicom } from "../formats/decodeDicom.node.ts";

/**
 * The image as 8-bit sRGB, the way a viewer shows it.
 *
 * EXIF orientation is applied. Grey becomes three equal channels, palettes their colours, CMYK and
 * embedded colour profiles sRGB (those of BMP files are left aside). Of 16-bit samples the upper byte is
 * kept, v >> 8: a fixed rule, so that pictures of one set stay comparable; DICOM files say themselves how
 * their values are shown, see `decodeDicom`. Transparency is laid over white, the background that lesion
 * and slide pictures are published on.
 *
 * @throws {DataError} if the file is unreadable, truncated, no image, too large, or of an unusual kind.
 */
export async function readImage(path: string, options: ReadOptions = {}): Promise<RgbImage> {
  const opened = await openImage(path, options);
  const { width, height, bytes } = opened;
  switch (opened.kind) {
    case "picture":
      return readPicture(opened);
    case "bmp": {
      const { channels, data } = decodeBmp(path, bytes, opened.header);
      return { width, height, data: channels === 4 ? overWhite(data) : data };
    }
    case "dicom":
      return { width, height, data: await decodeDicom(opened) };
  }
}

async function readPicture({ path, bytes }: OpenedPicture): Promise<RgbImage> {
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

/** c alpha / 255 + 255 - alpha. */
function overWhite(rgba: Uint8Array): Uint8Array {
  const data = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      data[to++] = Math.round((rgba[from + channel]! * alpha) / 255 + 255 - alpha);
    }
  }
  return data;
}
