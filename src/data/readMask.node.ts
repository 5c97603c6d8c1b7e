/** Reading a mask file as 0 and 1, refusing anything whose meaning would be a guess. */
import { DataError, type DataFault } from "../base/errors.ts";
import type { Mask } from "../tensor/raster.ts";
import type { ReadOptions } from "./formats/decode.node.ts";
import { readSamples } from "./readSamples.node.ts";

/** Lossy masks (JPEG, WebP): up to this value a pixel is background. JPEG of quality 75 strays by 40. */
const lossyBlack = 63;
/** Lossy masks: from this value on a pixel is foreground. */
const lossyWhite = 192;

/**
 * A binary mask. All values must be 0 and 255 or all 0 and 1 (in 16-bit files also 65535); a mask without
 * foreground is legal. Of masks saved with loss (JPEG, AVIF, WebP), 0..63 is background and 192..255
 * foreground. Palettes count by their colours; an alpha channel must be opaque, colours must be grey.
 *
 * @throws {DataError} as `readImage`; with row and column of the first pixel that is no mask value.
 */
export async function readMask(path: string, options: ReadOptions = {}): Promise<Mask> {
  const samples = await readSamples(path, options);
  const { data, channels, width, height, white, lossy } = samples;
  const alpha = channels === 4 ? 3 : channels === 2 ? 1 : -1;
  const area = width * height;
  const refuse = (i: number, must: string, got: string, fault?: DataFault): never => {
    const place = `row ${Math.floor(i / width)}, column ${i % width}`;
    const options = fault && { fault };
    throw new DataError(`${path}: mask must ${must}, got ${got} at ${place}`, options);
  };

  const values = new Uint16Array(area);
  let largest = 0;
  for (let i = 0, at = 0; i < area; i++, at += channels) {
    const value = data[at]!;
    if (alpha >= 0 && data[at + alpha]! !== white) {
      refuse(i, "be opaque", `alpha ${data[at + alpha]!}`);
    }
    if (channels >= 3) {
      const green = data[at + 1]!;
      const blue = data[at + 2]!;
      const spread = Math.max(value, green, blue) - Math.min(value, green, blue);
      if (spread > (lossy ? lossyBlack : 0)) {
        refuse(i, "be grey (0 and 255)", `colour (${value}, ${green}, ${blue})`);
      }
    }
    values[i] = value;
    if (value > largest) largest = value;
  }

  const mask = new Uint8Array(area);
  if (lossy && largest > 1) {
    if (largest < lossyWhite) {
      const at = values.indexOf(largest);
      refuse(at, "contain values near 0 and 255", `${largest} as the largest`);
    }
    for (let i = 0; i < area; i++) {
      const value = values[i]!;
      if (value > lossyBlack && value < lossyWhite) {
        refuse(i, "contain only values near 0 and 255 (0..63, 192..255)", String(value));
      }
      mask[i] = value >= lossyWhite ? 1 : 0;
    }
    return { width, height, data: mask };
  }

  // 0/1 masks are those without any larger value; 16-bit files hold 0/255 and 0/65535 as well.
  const foreground = largest <= 1 ? 1 : largest === white ? white : 255;
  for (let i = 0; i < area; i++) {
    const value = values[i]!;
    if (value !== 0 && value !== foreground) {
      refuse(i, `contain only 0 and ${foreground}`, String(value), "maskValues");
    }
    mask[i] = value === 0 ? 0 : 1;
  }
  return { width, height, data: mask };
}
