/** Writing PNG files row by row: a picture of any size costs the memory of a few rows. */
import { once } from "node:events";
import { createDeflate } from "node:zlib";
import type { OutputFile } from "../../base/fileSet.node.ts";

/** What a pixel is: 8-bit grey, 16-bit grey, or 8-bit red, green and blue. */
export type PngKind = "grey8" | "grey16" | "rgb8";

/** Takes the rows of a picture from the top down. */
export interface PngRows {
  /**
   * Writes whole rows.
   *
   * @param values  of one or more rows, interleaved
   * @throws {DataError} if the file cannot be written.
   */
  write(values: Uint8Array | Uint16Array): Promise<void>;
  /**
   * Writes what is left; the file itself stays open.
   *
   * @throws {DataError} if the file cannot be written.
   */
  end(): Promise<void>;
}

/** Bytes that are packed at a time, 1 MB. */
const pieceBytes = 2 ** 20;

const kinds = {
  grey8: { depth: 8, colour: 0, bytes: 1 },
  grey16: { depth: 16, colour: 0, bytes: 2 },
  rgb8: { depth: 8, colour: 2, bytes: 3 },
} as const;

/**
 * Begins a PNG file. Its rows are not filtered, as libvips leaves them too, and packed at zlib's level 6.
 *
 * @see PNG (third edition), 5 and 11.2
 */
export async function createPngRows(
  file: OutputFile,
  { width, height }: { readonly width: number; readonly height: number },
  kind: PngKind,
): Promise<PngRows> {
  const { depth, colour, bytes } = kinds[kind];
  const rowBytes = width * bytes;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, 0], 8);
  await file.write(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  await file.write(chunk("IHDR", header));

  const deflate = createDeflate({ level: 6, chunkSize: 2 ** 16 });
  const packed = (async () => {
    for await (const part of deflate) await file.write(chunk("IDAT", part as Buffer));
  })();
  // Whoever waits for it sees the error; until then it must not end the process.
  packed.catch(() => undefined);
  // Bytes gathered so far: rows may be short, or longer than what should lie in memory twice.
  let piece = new Uint8Array(pieceBytes);
  let filled = 0;
  const flush = async (): Promise<void> => {
    // When writing fails, the stream is gone and would never say that it has room again.
    if (deflate.destroyed) await packed;
    const room = deflate.write(piece.subarray(0, filled));
    piece = new Uint8Array(pieceBytes);
    filled = 0;
    if (!room) await Promise.race([once(deflate, "drain"), packed]);
  };
  return {
    async write(values) {
      const raw = kind === "grey16" ? bigEndian(values) : values;
      for (let row = 0; row < raw.length; row += rowBytes) {
        if (filled === pieceBytes) await flush();
        // A byte before each row names its filter: 0, none.
        piece[filled++] = 0;
        for (let at = row; at < row + rowBytes;) {
          if (filled === pieceBytes) await flush();
          const part = raw.subarray(at, Math.min(row + rowBytes, at + pieceBytes - filled));
          piece.set(part, filled);
          filled += part.length;
          at += part.length;
        }
      }
    },
    async end() {
      if (filled > 0) await flush();
      deflate.end();
      await packed;
      await file.write(chunk("IEND", Buffer.alloc(0)));
    },
  };
}

function bigEndian(values: Uint8Array | Uint16Array): Uint8Array {
  const raw = new Uint8Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    raw[2 * i] = values[i]! >> 8;
    raw[2 * i + 1] = values[i]! & 255;
  }
  return raw;
}

function chunk(type: string, data: Buffer): Buffer {
  const all = Buffer.alloc(data.length + 12);
  all.writeUInt32BE(data.length, 0);
  all.write(type, 4, "latin1");
  all.set(data, 8);
  all.writeUInt32BE(crc32(all.subarray(4, data.length + 8)), data.length + 8);
  return all;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** Checksum of PNG's chunks; Node's zlib has one only from 20.15 on. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
