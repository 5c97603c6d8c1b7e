/** The table of all images as CSV. */
import type { OpenImage } from "../work/state.ts";

/** A line an image and class; scores stand where there is a truth. */
export function measurementsCsv(
  images: readonly OpenImage[],
  classNames: readonly string[],
): string {
  const head = "image,width,height,class,pixels,share,corrected,dice,iou,hd95_px,assd_px";
  const lines = images.flatMap(({ name, mask, counts, painted, scores }) => {
    if (!mask) return [];
    return classNames.map((className, k) => {
      const pixels = counts[k + 1]!;
      const { dice, iou, hd95, assd } = scores ?? {};
      const values = [dice, iou, hd95, assd].map((value) => (k === 0 ? (value ?? "") : ""));
      return [
        cell(name),
        mask.width,
        mask.height,
        cell(className),
        pixels,
        pixels / mask.data.length,
        painted ? "yes" : "no",
        ...values,
      ].join(",");
    });
  });
  return `${[head, ...lines].join("\n")}\n`;
}

/** In quotes where it holds a comma, a quote or a line's end; with a quote before what a spreadsheet would compute. */
function cell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
