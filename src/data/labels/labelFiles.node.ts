/** The two kinds of label files: masks, of 0 and 1, and label maps, of numbers. What would be a guess is refused. */
import { DataError, type DataFault } from "../../base/errors.ts";
import type { Mask } from "../../tensor/raster.ts";
import type { ReadOptions } from "../images/openImage.node.ts";
import { readStoredValues, type StoredValues } from "../images/readStoredValues.node.ts";

/** One whole number a pixel, `data[y * width + x]`. */
export interface LabelMap {
  readonly width: number;
  readonly height: number;
  /** 0..65535 */
  readonly data: Uint16Array;
}

/** Lossy masks (JPEG, WebP): up to this value a pixel is background. JPEG of quality 75 strays by 40. */
const lossyBlack = 63;
/** Lossy masks: from this value on a pixel is foreground. */
const lossyWhite = 192;

/** Refuses the pixel of an index. */
type Refuse = (i: number, must: string, got: string, fault?: DataFault) => never;

const refusing =
  (path: string, what: string, width: number): Refuse =>
  (i, must, got, fault) => {
    const place = `row ${Math.floor(i / width)}, column ${i % width}`;
    throw new DataError(
      `${path}: ${what} must ${must}, got ${got} at ${place}`,
      fault && { fault },
    );
  };

/**
 * The one value of every pixel. Colours may differ by as much as `spread`; the red one counts.
 *
 * @param grey  what pixels must be, for messages
 */
function greyValues(
  { data, channels, width, height, white }: StoredValues,
  spread: number,
  grey: string,
  refuse: Refuse,
): Uint16Array {
  const alpha = channels === 4 ? 3 : channels === 2 ? 1 : -1;
  const values = new Uint16Array(width * height);
  for (let i = 0, at = 0; i < values.length; i++, at += channels) {
    const value = data[at]!;
    if (alpha >= 0 && data[at + alpha]! !== white) {
      refuse(i, "be opaque", `alpha ${data[at + alpha]!}`);
    }
    if (channels >= 3) {
      const green = data[at + 1]!;
      const blue = data[at + 2]!;
      if (Math.max(value, green, blue) - Math.min(value, green, blue) > spread) {
        refuse(i, grey, `colour (${value}, ${green}, ${blue})`);
      }
    }
    values[i] = value;
  }
  return values;
}

/**
 * A file that is a binary mask. All values must be 0 and 255 or all 0 and 1 (in 16-bit files also 65535); a mask without
 * foreground is legal. Of masks saved with loss (JPEG, AVIF, WebP), 0..63 is background and 192..255
 * foreground. Palettes count by their colours; an alpha channel must be opaque, colours must be grey.
 *
 * @throws {DataError} as `readImage`; with row and column of the first pixel that is no mask value.
 */
export async function readMaskFile(path: string, options: ReadOptions = {}): Promise<Mask> {
  const stored = await readStoredValues(path, options);
  const { width, height, white, lossy } = stored;
  const refuse = refusing(path, "mask", width);
  const values = greyValues(stored, lossy ? lossyBlack : 0, "be grey (0 and 255)", refuse);
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;

  const mask = new Uint8Array(values.length);
  if (lossy && largest > 1) {
    if (largest < lossyWhite) {
      const at = values.indexOf(largest);
      refuse(at, "contain values near 0 and 255", `${largest} as the largest`);
    }
    for (let i = 0; i < mask.length; i++) {
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
  for (let i = 0; i < mask.length; i++) {
    const value = values[i]!;
    if (value !== 0 && value !== foreground) {
      refuse(i, `contain only 0 and ${foreground}`, String(value), "maskValues");
    }
    mask[i] = value === 0 ? 0 : 1;
  }
  return { width, height, data: mask };
}

/**
 * A file whose grey values, of 8 or 16 bits, are numbers of classes or instances, exactly as stored.
 *
 * @param most  the largest value allowed; default 65535
 * @param what  what the values mean, for messages; default `instance map`
 * @throws {DataError} as `readImage`; if the file is saved with loss (JPEG, AVIF, lossy WebP); with row and
 *   column of the first pixel that is coloured, transparent, or above `most`.
 */
export async function readLabelMapFile(
  path: string,
  options: ReadOptions = {},
  most = 65535,
  what = "instance map",
): Promise<LabelMap> {
  const stored = await readStoredValues(path, options);
  const { width, height, lossy } = stored;
  if (lossy) {
    throw new DataError(
      `${path}: ${what} must be saved without loss, got lossy compression (JPEG, AVIF, WebP, ...); save it as PNG`,
    );
  }
  const refuse = refusing(path, what, width);
  const data = greyValues(stored, 0, "be grey", refuse);
  const above = data.findIndex((value) => value > most);
  if (above >= 0) refuse(above, `contain only 0 to ${most}`, String(data[above]!));
  return { width, height, data };
}
