/** The header of a single-frame DICOM image: what its stored values are and how they are meant to be shown. */
import { inflateRawSync } from "node:zlib";
import dicomParser from "dicom-parser";
import { DataError } from "../../base/errors.ts";
import { dicomLut, type DicomLut } from "./dicomLut.ts";
import { type Encoding, encodingOf, transferSyntaxName } from "./dicomTransferSyntax.ts";

type DataSet = dicomParser.DataSet;

/** How grey values become brightness. */
export interface DicomWindow {
  readonly kind: "linear" | "linearExact" | "sigmoid";
  readonly centre: number;
  readonly width: number;
}

const photometrics = [
  "MONOCHROME1",
  "MONOCHROME2",
  "RGB",
  "YBR_FULL",
  "YBR_FULL_422",
  "PALETTE COLOR",
];

/** A DICOM image by its header. */
export interface DicomFile {
  readonly width: number;
  readonly height: number;
  /** Distance of neighbouring pixels in mm, [y, x], where the file tells. */
  readonly spacingMm?: readonly [number, number];
  /** `MONOCHROME1`, `MONOCHROME2`, `RGB`, `YBR_FULL`, `YBR_FULL_422`, `PALETTE COLOR`. */
  readonly photometric: string;
  /** Samples of a pixel: 1 or 3. */
  readonly samples: 1 | 3;
  /** Whether the samples of one colour lie together. */
  readonly planar: boolean;
  /** Bits a stored sample takes. */
  readonly bitsAllocated: 8 | 16;
  /** Bits of it that count, ending at `highBit`. */
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly littleEndian: boolean;
  /** Bytes of each pair are swapped: 8-bit samples in big-endian words. */
  readonly swapped: boolean;
  readonly encoding: Encoding;
  /** Modality value = slope x stored value + intercept, where there is no table. */
  readonly slope: number;
  readonly intercept: number;
  readonly modalityLut?: DicomLut;
  readonly voiLut?: DicomLut;
  readonly window?: DicomWindow;
  /** Red, green, blue of `PALETTE COLOR`. */
  readonly palette?: readonly [DicomLut, DicomLut, DicomLut];
  /** The stored pixels: one part where they are plain, else the fragments of the frame. */
  readonly pixelData: readonly Uint8Array[];
}

/** Whether a file has DICOM's mark after its preamble. */
export const isDicom = (bytes: Buffer): boolean =>
  bytes.subarray(128, 132).toString("latin1") === "DICM";

/** The most a deflated file may inflate to, 64 MiB: its header, which tells the size, is deflated too. */
const mostInflated = 2 ** 26;

function parse(path: string, bytes: Buffer): DataSet {
  try {
    return dicomParser.parseDicom(bytes, {
      inflater: (whole: Uint8Array, position: number) =>
        Buffer.concat([
          whole.subarray(0, position),
          inflateRawSync(whole.subarray(position), { maxOutputLength: mostInflated }),
        ]),
    });
  } catch (error) {
    throw new DataError(
      `${path}: must be a whole DICOM file, got a damaged one (${reasonOf(error)})`,
      {
        cause: error,
      },
    );
  }
}

/** The parser throws errors, strings, and errors wrapped in what was read so far. */
function reasonOf(error: unknown): string {
  if (typeof error === "string") return error;
  if (error instanceof Error) return error.message;
  const inner = typeof error === "object" && error !== null && "exception" in error;
  return inner ? reasonOf(error.exception) : "unknown reason";
}

/**
 * Reads everything but the pixels of a DICOM image.
 *
 * @throws {DataError} if the file is damaged, its transfer syntax cannot be read, or it is no single frame of
 *   8 or 16 bits, grey or in colour.
 */
export function parseDicomFile(path: string, bytes: Buffer): DicomFile {
  const set = parse(path, bytes);
  const refuse = (must: string, got: string | number | undefined): never => {
    throw new DataError(`${path}: DICOM ${must}, got ${got === undefined ? "none" : got}`);
  };
  try {
    return headerOf(path, set, refuse);
  } catch (error) {
    if (error instanceof DataError) throw error;
    // The parser reads values late, and beyond the end of a cut-off file only then.
    return refuse("values must lie within the file", reasonOf(error));
  }
}

type Refuse = (must: string, got: string | number | undefined) => never;

function headerOf(path: string, set: DataSet, refuse: Refuse): DicomFile {
  const uid = set.string("x00020010") ?? "";
  const encoding = encodingOf(uid);
  if (encoding === undefined) {
    throw new DataError(
      `${path}: DICOM transfer syntax must be uncompressed, deflated, JPEG baseline or RLE, got ${transferSyntaxName(uid)}; decompress the file first, e.g. with dcmdjpeg, gdcmconv --raw or dcmconv`,
    );
  }
  const frames = set.intString("x00280008") ?? 1;
  if (frames !== 1) refuse("must hold a single frame; save each as a file of its own", frames);
  const height = set.uint16("x00280010") ?? 0;
  const width = set.uint16("x00280011") ?? 0;
  if (width < 1 || height < 1) refuse("must have rows and columns", `${width} x ${height}`);

  const photometric = set.string("x00280004") ?? "";
  if (!photometrics.includes(photometric)) {
    refuse(
      `photometric interpretation must be ${photometrics.join(", ")}`,
      JSON.stringify(photometric),
    );
  }
  const grey = photometric.startsWith("MONO") || photometric === "PALETTE COLOR";
  const samples = set.uint16("x00280002") ?? 1;
  if (samples !== (grey ? 1 : 3))
    refuse(`${photometric} must have ${grey ? 1 : 3} samples a pixel`, samples);
  if (photometric === "YBR_FULL_422" && encoding !== "jpeg") {
    refuse("without JPEG must be RGB or YBR_FULL", photometric);
  }
  const bitsAllocated = set.uint16("x00280100") ?? 0;
  if (bitsAllocated !== 8 && bitsAllocated !== 16)
    refuse("must have 8 or 16 bits a sample", bitsAllocated);
  const bitsStored = set.uint16("x00280101") ?? bitsAllocated;
  const highBit = set.uint16("x00280102") ?? bitsStored - 1;
  if (bitsStored < 1 || highBit >= bitsAllocated || highBit < bitsStored - 1) {
    refuse(`must store its bits within ${bitsAllocated}`, `${bitsStored} up to bit ${highBit}`);
  }
  const representation = set.uint16("x00280103") ?? 0;
  const signed = representation === 1;
  if (signed && (samples === 3 || photometric === "PALETTE COLOR"))
    refuse(`${photometric} must be unsigned`, "signed samples");

  const littleEndian = encoding !== "bigEndian";
  const number = (tag: string, otherwise: number): number => {
    const value = set.elements[tag] === undefined ? undefined : set.floatString(tag, 0);
    if (value === undefined) return otherwise;
    return Number.isFinite(value)
      ? value
      : refuse(`(${tag.slice(1, 5)},${tag.slice(5)}) must be a number`, set.string(tag));
  };
  const lutOf = (tag: string): DicomLut | undefined => {
    const item = set.elements[tag]?.items?.[0]?.dataSet;
    return item && dicomLut(path, item, "x00283002", "x00283006", signed);
  };
  const modalityLut = lutOf("x00283000");
  const voiLut = lutOf("x00283010");
  const window = windowOf(set, number, refuse);
  const spacingMm = spacingOf(set, refuse);
  const palette =
    photometric === "PALETTE COLOR"
      ? ([1, 2, 3].map((i) => dicomLut(path, set, `x0028110${i}`, `x0028120${i}`, false)) as [
          DicomLut,
          DicomLut,
          DicomLut,
        ])
      : undefined;

  const pixels = set.elements.x7fe00010;
  return {
    width,
    height,
    ...(spacingMm && { spacingMm }),
    photometric,
    samples: grey ? 1 : 3,
    planar: samples === 3 && set.uint16("x00280006") === 1,
    bitsAllocated: bitsAllocated === 8 ? 8 : 16,
    bitsStored,
    highBit,
    signed,
    littleEndian,
    swapped: !littleEndian && bitsAllocated === 8 && pixels?.vr === "OW",
    encoding,
    slope: number("x00281053", 1),
    intercept: number("x00281052", 0),
    ...(modalityLut && { modalityLut }),
    ...(voiLut && { voiLut }),
    ...(window && { window }),
    ...(palette && { palette }),
    pixelData: pixelDataOf(set, encoding, refuse),
  };
}

/** The first window, if any. */
function windowOf(
  set: DataSet,
  number: (tag: string, otherwise: number) => number,
  refuse: Refuse,
): DicomWindow | undefined {
  if ((set.string("x00281050") ?? "") === "" || (set.string("x00281051") ?? "") === "")
    return undefined;
  const name = set.string("x00281056") ?? "LINEAR";
  const kinds: Readonly<Record<string, DicomWindow["kind"]>> = {
    LINEAR: "linear",
    LINEAR_EXACT: "linearExact",
    SIGMOID: "sigmoid",
  };
  const kind = kinds[name] ?? refuse("VOI function must be LINEAR, LINEAR_EXACT or SIGMOID", name);
  const width = number("x00281051", 0);
  const least = kind === "linear" ? 1 : 0;
  if (width < least || width === 0)
    refuse(`window must be ${least === 1 ? "at least 1" : "above 0"} wide`, width);
  return { kind, centre: number("x00281050", 0), width };
}

/** Pixel spacing: row distance, column distance. */
function spacingOf(set: DataSet, refuse: Refuse): readonly [number, number] | undefined {
  if ((set.string("x00280030") ?? "") === "") return undefined;
  const y = set.floatString("x00280030", 0) ?? NaN;
  const x = set.floatString("x00280030", 1) ?? NaN;
  return y > 0 && x > 0 && y < Infinity && x < Infinity
    ? [y, x]
    : refuse("pixel spacing must be two numbers above 0", JSON.stringify(set.string("x00280030")));
}

function pixelDataOf(set: DataSet, encoding: Encoding, refuse: Refuse): readonly Uint8Array[] {
  const element = set.elements.x7fe00010;
  if (element === undefined) return refuse("must hold pixel data", undefined);
  const encapsulated = encoding === "jpeg" || encoding === "rle";
  if (!encapsulated && element.fragments !== undefined) {
    refuse("of a plain transfer syntax must hold plain pixels", "encapsulated ones");
  }
  const parts = encapsulated
    ? (
        element.fragments ??
        refuse("of a compressed transfer syntax must hold fragments", "plain pixels")
      ).map(({ position, length }) => ({ begin: position, end: position + length }))
    : [{ begin: element.dataOffset, end: element.dataOffset + element.length }];
  const beyond = parts.find(({ end }) => end > set.byteArray.length);
  if (beyond !== undefined) {
    refuse(
      `pixel data must lie within the file's ${set.byteArray.length} bytes`,
      `an end at ${beyond.end}`,
    );
  }
  if (encapsulated && parts.every(({ begin, end }) => begin === end)) {
    refuse("fragments must hold the picture", "empty ones");
  }
  return parts.map(({ begin, end }) => set.byteArray.subarray(begin, end));
}
