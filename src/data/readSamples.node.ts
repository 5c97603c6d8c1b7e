/** Reading the stored samples of a label file, exactly: no colour management, no scaling. */
import sharp from "sharp";
import { decoding, type Opened, openImage, type ReadOptions } from "./decode.node.ts";
import { isLossyTiff } from "./tiffCompression.ts";

/** Samples of one pixel, interleaved, 8 or 16 bits each. */
export interface Samples {
  /** The file format may stray from what was saved. */
  readonly lossy: boolean;
  readonly data: Uint8Array | Uint16Array;
  readonly channels: number;
  readonly width: number;
  readonly height: number;
  /** 255 or 65535. */
  readonly white: number;
}

/**
 * The samples of a picture as they are stored. Palettes give their colours; EXIF orientation is applied.
 *
 * @throws {DataError} as `readImage`.
 */
export async function readSamples(path: string, options: ReadOptions = {}): Promise<Samples> {
  const opened = await openImage(path, options);
  const { bytes, header } = opened;
  const deep = header.depth === "ushort";
  // Of grey with alpha, libvips' raw output would leave the alpha out: read as colour it stays.
  const grey = header.channels === 1;
  const { data, info } = await decoding(path, () =>
    sharp(bytes, { limitInputPixels: false, ignoreIcc: true })
      .autoOrient()
      .toColourspace(deep ? (grey ? "grey16" : "rgb16") : grey ? "b-w" : "srgb")
      .raw({ depth: deep ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true }),
  );
  const { width, height, channels } = info;
  const length = width * height * channels;
  // A copy, since a Uint16Array wants an even offset.
  const aligned = deep ? new Uint16Array(new Uint8Array(data).buffer, 0, length) : data;
  return {
    data: aligned,
    channels,
    width,
    height,
    white: deep ? 65535 : 255,
    lossy: isLossy(opened),
  };
}

/** Whether the file may stray from what was saved. */
function isLossy({ bytes, header }: Opened): boolean {
  if (header.format === "tiff") return isLossyTiff(bytes);
  // The first chunk of a lossless WebP is VP8L, or VP8X and others before it.
  if (header.format === "webp") return !bytes.subarray(12, 4096).includes("VP8L");
  return header.format === "jpeg" || header.format === "heif";
}
