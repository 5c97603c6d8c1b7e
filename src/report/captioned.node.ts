/** Pictures with a line of text above them. */
import sharp from "sharp";
import type { RgbImage } from "../tensor/raster.ts";
import { escapeHtml } from "./escapeHtml.ts";

const lineHeight = 18;

/**
 * The picture with a white line above it that says `text`, dark, as much of it as fits; the result is 18
 * pixels higher.
 */
export async function captioned(image: RgbImage, text: string): Promise<RgbImage> {
  const { width, height } = image;
  // A sans serif letter of 12 pixels is some 6.5 wide.
  const most = Math.max(1, Math.floor(width / 6.5));
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
