/** How the samples of a TIFF file are compressed, which libvips does not tell. */

const compressionTag = 259;

/** Schemes that may stray from what was saved: JPEG old and new, lossy JPEG, JPEG 2000, WebP, JPEG XL. */
const lossySchemes = [6, 7, 33003, 33005, 34712, 34892, 34927, 50001, 50002];

/**
 * The compression number of the first picture of a TIFF or BigTIFF file; 1 (none) where the file does not
 * say, or is damaged.
 */
export function tiffCompression(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const little = view.getUint16(0, true) === 0x4949;
    const big = view.getUint16(2, little) === 43;
    const offset = (at: number) =>
      big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little);
    const directory = offset(big ? 8 : 4);
    const count = big ? offset(directory) : view.getUint16(directory, little);
    const entryBytes = big ? 20 : 12;
    const first = directory + (big ? 8 : 2);
    for (let i = 0; i < count; i++) {
      const entry = first + i * entryBytes;
      if (view.getUint16(entry, little) !== compressionTag) continue;
      return view.getUint16(entry + (big ? 12 : 8), little);
    }
  } catch (error) {
    // Reading beyond the end; the decoder will say what is wrong with the file.
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}

/** Whether a TIFF file is compressed with a loss. */
export const isLossyTiff = (bytes: Uint8Array): boolean =>
  lossySchemes.includes(tiffCompression(bytes));
