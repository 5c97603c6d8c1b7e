/** Writes a run's report: one HTML file with everything in it. */

import { join } from "node:path";
import { atomicWriteFile } from "../base/files.node.ts";
import { toDataUri } from "./encodeImage.node.ts";
import type { BoundaryError } from "./drawBoundaryError.ts";
import type { ReportExample, ReportView } from "./drawExample.ts";
import { formatNumber } from "./formatNumber.ts";
import { runReportHtml, type ReportContent } from "./runReportHtml.ts";

export interface RunReport extends Omit<ReportContent, "cases"> {
  /** Of the scores' images; default: none. */
  readonly examples?: readonly ReportExample[];
}

/**
 * Writes `report.html` into a folder, replacing an older one at once or not at all.
 *
 * @returns the path of the file.
 * @throws {DataError} if the file cannot be written.
 */
export async function writeRunReport(folder: string, report: RunReport): Promise<string> {
  const { examples = [], ...content } = report;
  const pictures = examples.map(picturesOf);
  const maxSide = sideFor(pictures.flat().length);
  const cases = await Promise.all(
    examples.map(async ({ name }, i) => ({
      name,
      pictures: await Promise.all(
        pictures[i]!.map(async ({ image, ...rest }) => ({
          uri: await toDataUri(image, maxSide),
          ...rest,
        })),
      ),
    })),
  );
  const path = join(folder, "report.html");
  await atomicWriteFile(path, runReportHtml({ ...content, cases }));
  return path;
}

type Picture = ReportView & { readonly clip?: number };

function picturesOf({ overlay, boundaryError, views = [] }: ReportExample): Picture[] {
  return [
    { image: overlay, caption: "contours of truth and prediction" },
    ...(boundaryError
      ? [
          {
            image: boundaryError.image,
            caption: boundaryCaption(boundaryError),
            clip: boundaryError.clip,
          },
        ]
      : []),
    ...views,
  ];
}

function boundaryCaption({ largest, objects }: BoundaryError): string {
  const counts = objects && [
    `${objects.missed.size} missed`,
    `${objects.invented.size} false`,
    `${objects.merged.size} merged`,
    `${objects.split.size} split`,
  ];
  const most = Number.isNaN(largest)
    ? "border error: no predicted border"
    : largest === Infinity
      ? "border error: part of it without a true border"
      : `border error, at most ${formatNumber(largest, 1)} px`;
  return counts ? `${most}; ${counts.join(", ")}` : most;
}

/**
 * The longer side of pictures, so that all of them together stay at some 3 MB: a pixel of a photograph
 * takes about 0.3 bytes, and base64 a third more.
 */
const sideFor = (pictures: number): number =>
  Math.round(Math.min(800, Math.max(320, Math.sqrt(3e6 / (0.4 * 0.75 * Math.max(1, pictures))))));
