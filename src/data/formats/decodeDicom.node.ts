/** The pixels of single-frame DICOM images, stored and as shown. */
import sharp from "sharp";
import { DataError } from "../../base/errors.ts";
import { decoding, type OpenedDicom } from "../images/openImage.node.ts";
import { lookUp } from "./dicomLut.ts";
import type { DicomFile, DicomWindow } from "./dicomFile.node.ts";
import { dicomRunLengths } from "./dicomRunLengths.ts";

/**
 * Stored samples, interleaved: as they are in the file, before any table or window.
 *
 * @throws {DataError} if there are fewer than rows x columns x samples.
 */
export async function dicomSamples(opened: OpenedDicom): Promise<Int32Array> {
  const { path, header } = opened;
  if (header.encoding === "jpeg") return jpegSamples(opened);
  const { samples, bitsAllocated, pixelData } = header;
  const count = header.width * header.height * samples;
  const bytesEach = bitsAllocated / 8;
  const rle = header.encoding === "rle";
  const bytes = rle
    ? dicomRunLengths(
        path,
        Buffer.concat(pixelData),
        header.width * header.height,
        samples * bytesEach,
      )
    : pixelData[0]!;
  if (bytes.length < count * bytesEach) {
    throw new DataError(
      `${path}: must be a whole image, got a truncated or damaged one (${header.width} x ${header.height} pixels need ${count * bytesEach} bytes, ${bytes.length} are there)`,
    );
  }
  return unpack(bytes, header, count, rle);
}

function unpack(bytes: Uint8Array, header: DicomFile, count: number, rle: boolean): Int32Array {
  const { samples, bitsAllocated, bitsStored, highBit, signed, littleEndian, swapped } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const area = count / samples;
  const low = 2 ** bitsStored - 1;
  const shift = highBit + 1 - bitsStored;
  const stored = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const raw =
      bitsAllocated === 16 ? view.getUint16(2 * i, littleEndian) : bytes[swapped ? i ^ 1 : i]!;
    let value = (raw >> shift) & low;
    if (signed && value > low >> 1) value -= low + 1;
    // Planes of colour go where the colours of a pixel are neighbours; run lengths are planes always.
    const at = samples === 3 && (header.planar || rle) ? (i % area) * 3 + Math.floor(i / area) : i;
    stored[at] = value;
  }
  return stored;
}

/** The JPEG inside, as grey or RGB. */
async function jpegSamples({ path, header }: OpenedDicom): Promise<Int32Array> {
  const { width, height, samples } = header;
  const bytes = Buffer.concat(header.pixelData);
  const picture = sharp(bytes, { limitInputPixels: false });
  const found = await decoding(path, () => picture.metadata());
  if (found.format !== "jpeg" || found.width !== width || found.height !== height) {
    throw new DataError(
      `${path}: DICOM must hold a JPEG of ${width} x ${height} pixels, got ${found.format} of ${found.width} x ${found.height}`,
    );
  }
  const { data, info } = await decoding(path, () =>
    picture
      .toColourspace(samples === 1 ? "b-w" : "srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true }),
  );
  if (info.channels !== samples) {
    throw new DataError(
      `${path}: DICOM must hold a JPEG of ${samples} samples a pixel, got ${info.channels}`,
    );
  }
  return Int32Array.from(data);
}

/**
 * The image as 8-bit RGB, the way a viewer shows it.
 *
 * Grey: modality value m = slope v + intercept or the modality table; then the VOI table, or the first
 * window; without either, 8-bit unsigned values stay, others are stretched from their least to their
 * largest. MONOCHROME1 is inverted. Colour: the upper 8 of the stored bits; YBR_FULL becomes RGB.
 *
 * @throws {DataError} as `dicomSamples`.
 */
export async function decodeDicom(opened: OpenedDicom): Promise<Uint8Array> {
  const { header } = opened;
  const stored = await dicomSamples(opened);
  if (header.palette !== undefined) {
    const luts = header.palette;
    const data = new Uint8Array(stored.length * 3);
    for (let i = 0; i < data.length; i++) {
      const lut = luts[i % 3]!;
      data[i] = lookUp(lut, stored[Math.floor(i / 3)]!) >> (lut.bits - 8);
    }
    return data;
  }
  return header.samples === 3 ? colour(stored, header) : grey(stored, header);
}

function colour(stored: Int32Array, { photometric, bitsStored, encoding }: DicomFile): Uint8Array {
  const data = new Uint8Array(stored.length);
  for (let i = 0; i < data.length; i++) {
    const value = stored[i]!;
    data[i] = bitsStored >= 8 ? value >> (bitsStored - 8) : value << (8 - bitsStored);
  }
  // What came out of a JPEG is RGB already.
  if (photometric === "RGB" || encoding === "jpeg") return data;
  const rounded = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const y = data[i]!;
    const blue = data[i + 1]! - 128;
    const red = data[i + 2]! - 128;
    rounded[i] = y + 1.402 * red;
    rounded[i + 1] = y - (0.114 * 1.772 * blue + 0.299 * 1.402 * red) / 0.587;
    rounded[i + 2] = y + 1.772 * blue;
  }
  return new Uint8Array(rounded.buffer);
}

/** Brightness 0..1 of a modality value in a window. */
function windowed({ kind, centre, width }: DicomWindow, value: number): number {
  if (kind === "sigmoid") return 1 / (1 + Math.exp((-4 * (value - centre)) / width));
  // LINEAR runs from the middle of the first value to that of the last; width 1 is a threshold.
  const [middle, span] = kind === "linear" ? [centre - 0.5, width - 1] : [centre, width];
  if (value <= middle - span / 2) return 0;
  return value > middle + span / 2 ? 1 : (value - middle) / span + 0.5;
}

function grey(stored: Int32Array, header: DicomFile): Uint8Array {
  const { modalityLut, slope, intercept, voiLut, window } = header;
  const modality = (value: number) =>
    modalityLut ? lookUp(modalityLut, value) : slope * value + intercept;
  const inverted = header.photometric === "MONOCHROME1";

  let brightness: (value: number) => number;
  if (voiLut !== undefined) {
    const most = 2 ** voiLut.bits - 1;
    brightness = (value) => lookUp(voiLut, modality(value)) / most;
  } else if (window !== undefined) {
    brightness = (value) => windowed(window, modality(value));
  } else if (header.bitsStored <= 8 && !header.signed && !modalityLut) {
    const most = 2 ** header.bitsStored - 1;
    brightness = (value) => value / most;
  } else {
    let least = Infinity;
    let largest = -Infinity;
    for (const value of stored) {
      const m = modality(value);
      if (m < least) least = m;
      if (m > largest) largest = m;
    }
    const span = largest > least ? largest - least : 1;
    brightness = (value) => (modality(value) - least) / span;
  }

  const data = new Uint8Array(stored.length * 3);
  for (let i = 0; i < stored.length; i++) {
    const b = Math.min(1, Math.max(0, brightness(stored[i]!)));
    data.fill(Math.round(255 * (inverted ? 1 - b : b)), 3 * i, 3 * i + 3);
  }
  return data;
}
