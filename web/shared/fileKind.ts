/** What the first bytes of a file tell: of what kind it is, and of some kinds how large the picture is. */

export interface FileDescription {
  /** `other`: whatever the browser makes of it. */
  readonly kind: "png" | "jpeg" | "tiff" | "dicom" | "safetensors" | "other";
  readonly size?: { readonly width: number; readonly height: number };
  /** Bits of a value, where it is more than 8. */
  readonly bits?: 16;
}

/** @param head  the beginning of the file; 64 KiB are enough */
export function describeFile(head: Uint8Array): FileDescription {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const text = (from: number, to: number): string =>
    String.fromCharCode(...head.subarray(from, to));
  if (text(1, 4) === "PNG" && head.length >= 26) {
    const size = { width: view.getUint32(16), height: view.getUint32(20) };
    return { kind: "png", size, ...(head[24] === 16 && { bits: 16 as const }) };
  }
  if (head[0] === 0xff && head[1] === 0xd8) {
    const size = jpegSize(view);
    return { kind: "jpeg", ...(size && { size }) };
  }
  if (["II*\0", "MM\0*", "II+\0", "MM\0+"].includes(text(0, 4))) return { kind: "tiff" };
  if (text(128, 132) === "DICM") return { kind: "dicom" };
  // Eight bytes of length, then JSON.
  if (head[8] === 0x7b && head.length > 8 && view.getUint32(4, true) === 0) {
    return { kind: "safetensors" };
  }
  return { kind: "other" };
}

/** From the first frame header; nothing if it lies further on. */
function jpegSize(view: DataView): { width: number; height: number } | undefined {
  let at = 2;
  while (at + 9 < view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
