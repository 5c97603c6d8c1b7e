/** The headers of BMP files, of all versions from OS/2's to V5. */
import { DataError } from "../../base/errors.ts";

/** How a channel's bits lie within a pixel. */
export interface BitField {
  readonly shift: number;
  /** Largest value, 2^bits - 1; 0 where the channel is absent. */
  readonly most: number;
}

/** What a BMP file holds, by its header. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: 1 | 2 | 4 | 8 | 16 | 24 | 32;
  readonly runLength: boolean;
  /** Red, green, blue, alpha; of files of 16 and 32 bits. */
  readonly fields: readonly [BitField, BitField, BitField, BitField];
  /** Colours of files of 1 to 8 bits, red, green, blue, one after another. */
  readonly palette: Uint8Array;
  /** Bytes of a row with its padding, where there are no run lengths. */
  readonly rowBytes: number;
  /** Where the pixels begin, bytes from the start of the file. */
  readonly dataStart: number;
}

const fileHeaderBytes = 14;
/** OS/2 1, OS/2 2 short and long, Windows 3, with masks, V4, V5. */
const knownHeaders = [12, 16, 40, 52, 56, 64, 108, 124];
const schemes = ["none", "RLE8", "RLE4", "bit fields", "JPEG", "PNG", "alpha bit fields"];
const depths = [1, 2, 4, 8, 16, 24, 32] as const;
const absent: BitField = { shift: 0, most: 0 };

/**
 * Reads the header and palette of a BMP file, and checks that the file has the bytes for its pixels.
 *
 * @throws {DataError} if it is no BMP, cut off, or of a kind that cannot be read (JPEG and PNG inside,
 *   OS/2's own compressions).
 */
export function parseBmpHeader(path: string, bytes: Uint8Array): BmpHeader {
  const refuse = (must: string, got: string | number): never => {
    throw new DataError(`${path}: BMP ${must}, got ${got}; save it as PNG`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < fileHeaderBytes + 12) refuse("must have a header", `${bytes.length} bytes`);
  const headerBytes = view.getUint32(14, true);
  if (!knownHeaders.includes(headerBytes)) {
    refuse(`header must have ${knownHeaders.join(", ")} bytes`, headerBytes);
  }
  if (bytes.length < fileHeaderBytes + headerBytes) {
    refuse(`header must have ${headerBytes} bytes`, bytes.length - fileHeaderBytes);
  }
  const core = headerBytes === 12;
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  if (width < 1 || height < 1) refuse("must have pixels", `${width} x ${signedHeight}`);

  const depth = view.getUint16(core ? 24 : 28, true);
  const bits = depths.find((known) => known === depth) ?? refuse("must have 1 to 32 bits", depth);
  const compression = headerBytes >= 40 ? view.getUint32(30, true) : 0;
  const named = `compression ${compression} (${schemes[compression] ?? "unknown"})`;
  const runLength = (compression === 1 && bits === 8) || (compression === 2 && bits === 4);
  const masked =
    (compression === 3 || compression === 6) && (bits === 16 || bits === 32) && headerBytes !== 64;
  if (compression !== 0 && !runLength && !masked) {
    refuse(`of ${bits} bits must be stored plainly, by run lengths or bit fields`, named);
  }
  const topDown = signedHeight < 0;
  if (runLength && topDown) refuse("of run lengths must go from the bottom up", "one from the top");

  // The masks of bit fields follow a header that has no place for them.
  const alphaMasked = compression === 6 || headerBytes >= 56;
  const maskBytes = masked && headerBytes === 40 ? (compression === 6 ? 16 : 12) : 0;
  const afterHeader = fileHeaderBytes + headerBytes + maskBytes;
  const dataStart = view.getUint32(10, true);
  if (dataStart < afterHeader || dataStart > bytes.length) {
    refuse(
      `pixels must begin within the file, after its ${afterHeader} bytes of header`,
      dataStart,
    );
  }
  const maskAt = (i: number): BitField =>
    i < 3 || alphaMasked ? bitField(path, view.getUint32(54 + 4 * i, true)) : absent;
  const fields = masked
    ? ([maskAt(0), maskAt(1), maskAt(2), maskAt(3)] as const)
    : plainFields(bits);

  const rowBytes = 4 * Math.ceil((width * bits) / 32);
  // The padding of the last row is left out by some writers.
  const needed = rowBytes * (height - 1) + Math.ceil((width * bits) / 8);
  if (!runLength && needed > bytes.length - dataStart) {
    throw new DataError(
      `${path}: must be a whole image, got a truncated or damaged one (${width} x ${height} pixels of ${bits} bits need ${needed} bytes, ${bytes.length - dataStart} are there)`,
    );
  }
  const used = headerBytes >= 40 ? view.getUint32(46, true) : 0;
  const palette =
    bits <= 8 ? readPalette(bytes, afterHeader, dataStart, bits, core, used) : new Uint8Array(0);
  return { width, height, topDown, bits, runLength, fields, palette, rowBytes, dataStart };
}

function plainFields(bits: number): BmpHeader["fields"] {
  const most = bits === 16 ? 31 : 255;
  const step = bits === 16 ? 5 : 8;
  return [{ shift: 2 * step, most }, { shift: step, most }, { shift: 0, most }, absent];
}

function bitField(path: string, mask: number): BitField {
  if (mask === 0) return absent;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  if ((most & (most + 1)) !== 0) {
    throw new DataError(
      `${path}: BMP bit fields must be of neighbouring bits, got mask 0x${mask.toString(16)}; save it as PNG`,
    );
  }
  return { shift, most };
}

/** Entries are blue, green, red, and in all but OS/2's first version a byte of nothing. */
function readPalette(
  bytes: Uint8Array,
  start: number,
  end: number,
  bits: number,
  core: boolean,
  used: number,
): Uint8Array {
  const entryBytes = core ? 3 : 4;
  const stated = used === 0 ? 2 ** bits : Math.min(used, 2 ** bits);
  const entries = Math.min(stated, Math.floor((end - start) / entryBytes));
  const palette = new Uint8Array(entries * 3);
  for (let i = 0; i < entries; i++) {
    const at = start + i * entryBytes;
    palette[3 * i] = bytes[at + 2]!;
    palette[3 * i + 1] = bytes[at + 1]!;
    palette[3 * i + 2] = bytes[at]!;
  }
  return palette;
}
