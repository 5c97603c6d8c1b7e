/** DICOM's transfer syntaxes: how files are encoded, and what they are called. */

/** Encodings that can be read. */
export type Encoding = "littleEndian" | "bigEndian" | "jpeg" | "rle";

const encodings: Readonly<Record<string, Encoding>> = {
  "1.2.840.10008.1.2": "littleEndian",
  "1.2.840.10008.1.2.1": "littleEndian",
  // Deflated: the parser inflates all that follows the file's meta header.
  "1.2.840.10008.1.2.1.99": "littleEndian",
  "1.2.840.10008.1.2.2": "bigEndian",
  "1.2.840.10008.1.2.4.50": "jpeg",
  "1.2.840.10008.1.2.5": "rle",
};

const names: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2.4.51": "JPEG Extended (12 bits)",
  "1.2.840.10008.1.2.4.57": "JPEG Lossless",
  "1.2.840.10008.1.2.4.70": "JPEG Lossless, First-Order Prediction",
  "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
  "1.2.840.10008.1.2.4.81": "JPEG-LS Near-Lossless",
  "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
  "1.2.840.10008.1.2.4.91": "JPEG 2000",
  "1.2.840.10008.1.2.4.100": "MPEG2 Main Profile",
  "1.2.840.10008.1.2.4.102": "MPEG-4 AVC/H.264",
  "1.2.840.10008.1.2.4.107": "HEVC/H.265",
  "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
  "1.2.840.10008.1.2.4.112": "JPEG XL",
  "1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 Lossless",
  "1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
};

/** How a transfer syntax is read; `undefined` where it cannot be. */
export const encodingOf = (uid: string): Encoding | undefined =>
  Object.hasOwn(encodings, uid) ? encodings[uid] : undefined;

/** Name and number of a transfer syntax that cannot be read. */
export function transferSyntaxName(uid: string): string {
  const name = Object.hasOwn(names, uid) ? names[uid] : undefined;
  return name === undefined ? JSON.stringify(uid) : `${name} (${uid})`;
}
