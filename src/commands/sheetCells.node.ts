/** Which samples of a data set go onto a sheet, and their pictures with outlines and captions. */
import { resizeImage, resizeLabels } from "../data/images/resize.ts";
import { captioned } from "../report/captioned.node.ts";
import { drawLabels } from "../report/drawLabels.ts";
import type { Labelled, RgbImage } from "../tensor/raster.ts";

/** Longer side of a picture, pixels; enlarged no more than twice. */
const side = 224;
const mostEnlarged = 2;
/** Suspicious samples shown beside the spread ones, and of each kind. */
const mostSuspicious = 16;
const mostOfKind = 4;

/** Takes what it wants of the samples that are offered in turn. */
export interface SheetCells {
  /** @param reasons  what is suspicious about the sample, a word each */
  offer(index: number, name: string, labelled: Labelled, reasons: readonly string[]): Promise<void>;
  /** The spread samples, then the suspicious ones. */
  cells(): RgbImage[];
}

/** For a sheet of `count` samples, evenly spread over `total`. */
export function sheetCells(total: number, count: number): SheetCells {
  const most = Math.min(count, total);
  const wanted = new Set(Array.from({ length: most }, (_, i) => Math.floor((i * total) / most)));
  const even: RgbImage[] = [];
  const suspicious: RgbImage[] = [];
  const ofKind = new Map<string, number>();
  return {
    async offer(index, name, labelled, reasons) {
      if (wanted.has(index)) even.push(await cell(labelled, name));
      const reason = reasons.find((each) => (ofKind.get(each) ?? 0) < mostOfKind);
      if (reason === undefined || suspicious.length >= mostSuspicious) return;
      ofKind.set(reason, (ofKind.get(reason) ?? 0) + 1);
      suspicious.push(await cell(labelled, `! ${reason}: ${name}`));
    },
    cells: () => [...even, ...suspicious],
  };
}

async function cell({ image, labels }: Labelled, text: string): Promise<RgbImage> {
  const scale = Math.min(mostEnlarged, side / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const small = resizeImage(image, width, height);
  return captioned(drawLabels(small, resizeLabels(labels, width, height)), text);
}
