/** Writes a run's report: one HTML file with everything in it. */

import { join } from "node:path";
import { atomicWriteFile } from "../data/files.node.ts";
import type { Summary } from "../metrics/summarise.ts";
import type { RgbImage } from "../tensor/raster.ts";
import { toDataUri } from "./encodeImage.node.ts";
import type { EpochRecord } from "./epochRecord.ts";
import { runReportHtml } from "./runReportHtml.ts";
import type { ImageScores } from "./tables.ts";

/** A case to show, found in the scores by its name. */
export interface ReportExample {
  readonly name: string;
  /** From `drawOverlay`. */
  readonly overlay: RgbImage;
  /** The picture alone, shown beside it; and other views, such as guidance maps. */
  readonly views?: readonly { readonly image: RgbImage; readonly caption: string }[];
}

export interface RunReport {
  readonly title: string;
  /** A line below the title, such as the data set and its part. */
  readonly subtitle?: string;
  /** What else has to be known of the data, a line each. */
  readonly notes?: readonly string[];
  /** The resolved configuration, any plain data. */
  readonly config: unknown;
  /** Default: none, as for an evaluation without training. */
  readonly history?: readonly EpochRecord[];
  readonly summary?: Summary;
  readonly perImage?: readonly ImageScores[];
  readonly examples?: readonly ReportExample[];
}

/**
 * Writes `report.html` into a folder, replacing an older one at once or not at all.
 *
 * @returns the path of the file.
 * @throws {DataError} if the file cannot be written.
 */
export async function writeRunReport(folder: string, report: RunReport): Promise<string> {
  const { history = [], perImage = [], examples = [], ...rest } = report;
  const cases = await Promise.all(
    examples.map(async ({ name, overlay, views = [] }) => ({
      name,
      pictures: await Promise.all(
        [{ image: overlay, caption: "contours of truth and prediction" }, ...views].map(
          async ({ image, caption }) => ({ uri: await toDataUri(image), caption }),
        ),
      ),
    })),
  );
  const path = join(folder, "report.html");
  await atomicWriteFile(path, runReportHtml({ ...rest, history, perImage, cases }));
  return path;
}
