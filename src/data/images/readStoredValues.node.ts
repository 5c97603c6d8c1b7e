/** Reading the values of a picture as they are stored: no colour management, no scaling. */
import sharp from "sharp";
import { DataError } from "../../base/errors.ts";
import { decoding, openImage, type OpenedPicture, type ReadOptions } from "./openImage.node.ts";
import { decodeBmp } from "../formats/decodeBmp.ts";
import { dicomSamples } from "../formats/decodeDicom.node.ts";
import { isLossyTiff } from "../formats/tiffCompression.ts";

/** StoredValues of one pixel, interleaved, 8 or 16 bits each. */
export interface StoredValues {
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
 * The values of a picture as they are stored. Palettes give their colours; EXIF orientation is applied.
 * Those of DICOM files are the stored values, grey and unsigned, before any window.
 *
 * @throws {DataError} as `readImage`; if a DICOM file holds colour or signed values.
 */
export async function readStoredValues(
  path: string,
  options: ReadOptions = {},
): Promise<StoredValues> {
  const opened = await openImage(path, options);
  const { width, height } = opened;
  switch (opened.kind) {
    case "picture":
      return readPicture(opened);
    case "bmp": {
      const pixels = decodeBmp(path, opened.bytes, opened.header);
      return { width, height, ...pixels, white: 255, lossy: false };
    }
    case "dicom": {
      const { samples, palette, signed, encoding } = opened.header;
      if (samples !== 1 || signed || palette !== undefined) {
        throw new DataError(
          `${path}: DICOM labels must be grey and unsigned, got ${signed ? "signed values" : "colour"}; save them as PNG`,
        );
      }
      const data = Uint16Array.from(await dicomSamples(opened));
      const white = opened.header.bitsAllocated === 8 ? 255 : 65535;
      return { width, height, channels: 1, data, white, lossy: encoding === "jpeg" };
    }
  }
}

async function readPicture(opened: OpenedPicture): Promise<StoredValues> {
  const { path, bytes, header } = opened;
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
function isLossy({ bytes, header }: OpenedPicture): boolean {
  if (header.format === "tiff") return isLossyTiff(bytes);
  // The first chunk of a lossless WebP is VP8L, or VP8X and others before it.
  if (header.format === "webp") return !bytes.subarray(12, 4096).includes("VP8L");
  return header.format === "jpeg" || header.format === "heif";
}
