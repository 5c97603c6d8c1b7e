/** The two kinds of label files: masks, of 0 and 1, and label maps, of numbers. What would be a guess is refused. */
import { DataError, type DataFault } from "../../base/errors.ts";
import type { Mask } from "../../tensor/raster.ts";
import type { ReadOptions } from "../images/openImage.node.ts";
import { classOfColour, type ColourClass, type LabelRules } from "./labelRules.ts";
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
type Refuse = (i: number, must: string, got: string, remedy?: string, fault?: DataFault) => never;

const refusing =
  (path: string, what: string, width: number): Refuse =>
  (i, must, got, remedy, fault) => {
    const place = `row ${Math.floor(i / width)}, column ${i % width}`;
    const message = `${path}: ${what} must ${must}, got ${got} at ${place}`;
    throw new DataError(
      remedy === undefined ? message : `${message}; ${remedy}`,
      fault && { fault },
    );
  };

/** What makes files of two values, or of numbers, out of others. */
const remedies = {
  alpha: "sgdc data convert --ignore-alpha reads the other channels alone",
  colour: "sgdc data convert --colour red=1 makes classes of colours",
  soft: "sgdc data convert --binarize makes masks of soft edges",
};

/** @throws through `refuse` at the first pixel that is not opaque, unless told to look away. */
function checkOpaque(
  { data, channels, width, height, white }: StoredValues,
  rules: LabelRules | undefined,
  refuse: Refuse,
): void {
  if (rules?.ignoreAlpha === true || (channels !== 2 && channels !== 4)) return;
  for (let i = 0, at = channels - 1; i < width * height; i++, at += channels) {
    if (data[at]! !== white) refuse(i, "be opaque", `alpha ${data[at]!}`, remedies.alpha);
  }
}

/**
 * The one value of every pixel. Colours may differ by as much as `spread`; the red one counts.
 *
 * @param grey  what pixels must be, for messages
 */
function greyValues(
  { data, channels, width, height }: StoredValues,
  spread: number,
  grey: string,
  refuse: Refuse,
): Uint16Array {
  const values = new Uint16Array(width * height);
  for (let i = 0, at = 0; i < values.length; i++, at += channels) {
    const value = data[at]!;
    if (channels >= 3) {
      const green = data[at + 1]!;
      const blue = data[at + 2]!;
      if (Math.max(value, green, blue) - Math.min(value, green, blue) > spread) {
        refuse(i, grey, `colour (${value}, ${green}, ${blue})`, remedies.colour);
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
  const { rules } = options;
  const refuse = refusing(path, "mask", width);
  checkOpaque(stored, rules, refuse);
  const values = greyValues(stored, lossy ? lossyBlack : 0, "be grey (0 and 255)", refuse);
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;

  const mask = new Uint8Array(values.length);
  if (rules?.binarize === true) {
    // 16-bit files hold 0/255, too.
    const full = largest <= 1 ? 1 : largest <= 255 ? 255 : white;
    for (let i = 0; i < mask.length; i++) mask[i] = 2 * values[i]! >= full ? 1 : 0;
    return { width, height, data: mask };
  }
  if (lossy && largest > 1) {
    if (largest < lossyWhite) {
      const at = values.indexOf(largest);
      refuse(at, "contain values near 0 and 255", `${largest} as the largest`);
    }
    for (let i = 0; i < mask.length; i++) {
      const value = values[i]!;
      if (value > lossyBlack && value < lossyWhite) {
        const must = "contain only values near 0 and 255 (0..63, 192..255)";
        refuse(i, must, String(value), remedies.soft);
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
      const must = `contain only 0 and ${foreground}`;
      refuse(i, must, String(value), remedies.soft, "maskValues");
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
  const { rules } = options;
  const nearest = rules?.binarize === true && rules.colours !== undefined;
  if (lossy && !nearest) {
    throw new DataError(
      `${path}: ${what} must be saved without loss, got lossy compression (JPEG, AVIF, WebP, ...); save it as PNG`,
    );
  }
  const refuse = refusing(path, what, width);
  checkOpaque(stored, rules, refuse);
  if (rules?.colours !== undefined) {
    return { width, height, data: colourClasses(stored, rules.colours, nearest, refuse) };
  }
  const data = greyValues(stored, 0, "be grey", refuse);
  const above = data.findIndex((value) => value > most);
  if (above >= 0) refuse(above, `contain only 0 to ${most}`, String(data[above]!));
  return { width, height, data };
}

/** The class of every pixel by its colour. */
function colourClasses(
  { data, channels, width, height, white }: StoredValues,
  colours: readonly ColourClass[],
  nearest: boolean,
  refuse: Refuse,
): Uint16Array {
  const classes = new Uint16Array(width * height);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  const byte = (value: number): number => Math.round((value / white) * 255);
  // A picture has few colours, and neighbours mostly the same one.
  const known = new Map<number, number>();
  for (let i = 0, at = 0; i < classes.length; i++, at += channels) {
    const colour = [byte(data[at]!), byte(data[at + green]!), byte(data[at + blue]!)] as const;
    const key = (colour[0] << 16) | (colour[1] << 8) | colour[2];
    const value = known.get(key) ?? classOfColour(colour, colours, nearest);
    if (value === undefined) {
      refuse(
        i,
        "have only colours that --colour names",
        `colour ${key.toString(16).padStart(6, "0")}`,
        "name it too, or give --binarize to take the nearest for it",
      );
      continue;
    }
    known.set(key, value);
    classes[i] = value;
  }
  return classes;
}
