/** Pictures with lines of text: captions above, a legend below. */
import sharp from "sharp";
import type { RgbImage } from "../tensor/raster.ts";
import { escapeHtml } from "./escapeHtml.ts";
import { classColour } from "./palette.ts";

const lineHeight = 18;

/** A sans serif letter of 12 pixels is some 6.5 wide; a square and the gap beside a name. */
const [letter, besideName] = [6.5, 34];

/**
 * The picture with a white line above it that says `text`, dark, as much of it as fits; the result is 18
 * pixels higher.
 */
export async function captioned(image: RgbImage, text: string): Promise<RgbImage> {
  const { width, height } = image;
  const most = Math.max(1, Math.floor(width / letter));
  const shown = text.length <= most ? text : `${text.slice(0, most - 1)}…`;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${lineHeight}">` +
    `<text x="1" y="13" font-size="12" fill="#1b1f24" font-family="system-ui, 'DejaVu Sans', sans-serif">` +
    `${escapeHtml(shown)}</text></svg>`;
  const line = await sharp(Buffer.from(svg))
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw()
    .toBuffer();
  const data = new Uint8Array(width * (height + lineHeight) * 3);
  data.set(line);
  data.set(image.data, line.length);
  return { width, height: height + lineHeight, data };
}

/**
 * The picture with its classes named below, each beside a square of its colour, in as many white lines as they
 * take; what is longer than a line is cut.
 */
export async function withLegend(
  image: RgbImage,
  classNames: readonly string[],
): Promise<RgbImage> {
  const { width, height } = image;
  let [x, y] = [8, 0];
  const keys = classNames.map((name, k) => {
    const own = besideName + Math.ceil(name.length * letter);
    if (x > 8 && x + own > width) [x, y] = [8, y + lineHeight];
    const key =
      `<rect x="${x}" y="${y + 4}" width="11" height="11" fill="${classColour(k + 1)}"/>` +
      `<text x="${x + 16}" y="${y + 14}" font-size="12" fill="#1b1f24" font-family="system-ui, 'DejaVu Sans', sans-serif">${escapeHtml(name)}</text>`;
    x += own;
    return key;
  });
  const below = y + lineHeight + 6;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${below}">${keys.join("")}</svg>`;
  const lines = await sharp(Buffer.from(svg))
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw()
    .toBuffer();
  const data = new Uint8Array(width * (height + below) * 3);
  data.set(image.data);
  data.set(lines, image.data.length);
  return { width, height: height + below, data };
}
