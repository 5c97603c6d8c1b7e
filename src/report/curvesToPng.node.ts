/** Charts as PNG pictures. */

import sharp from "sharp";

/**
 * An SVG chart on white, dark text, at twice its size in pixels, for screens of today and for print.
 *
 * @param svg  text that takes the colour of its page, as of `plotCurves` and `distributionPlot`.
 */
export const curvesToPng = (svg: string): Promise<Uint8Array> =>
  sharp(Buffer.from(svg.replace("<svg ", '<svg color="#1b1f24" ')), { density: 144 })
    .flatten({ background: "#ffffff" })
    .png()
    .toBuffer();
