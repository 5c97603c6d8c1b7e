/** The report of a cross-validation as one HTML page that needs nothing but itself. */
import { toJson } from "../base/toJson.ts";
import type { Scores } from "../score/scores.ts";
import type { FoldScores, FoldsSummary } from "../score/summariseFolds.ts";
import { distributionPlot } from "./distributionPlot.ts";
import { escapeHtml } from "./escapeHtml.ts";
import { foldNotes, foldRows } from "./foldTables.ts";
import { formatValue, labelWithUnit } from "./formatNumber.ts";
import { headlineColumn } from "./imageColumns.ts";
import { imageTable } from "./imageTableHtml.ts";
import { cards, figure, folded, htmlPage, htmlTable, list, section } from "./page.ts";
import { stripPanel } from "./plotDistribution.ts";
import { scoreNotes } from "./scoreNotes.ts";

export interface FoldReport {
  readonly title: string;
  readonly subtitle: string;
  readonly summary: FoldsSummary;
  readonly folds: readonly FoldScores[];
  /** Of all images of all folds, one fold after another. */
  readonly scores: Scores;
  /** Lines about the protocol, near-duplicates and the like. */
  readonly notes: readonly string[];
  /** Of each fold, in the order of `folds`: what to call it, and the path of its own report. */
  readonly links: readonly { readonly text: string; readonly path: string }[];
  readonly config: unknown;
}

/** The page. Every text is escaped. */
export function foldReportHtml(report: FoldReport): string {
  const { title, subtitle, summary, scores, notes, links, config } = report;
  const options = `<pre>${escapeHtml(toJson(config))}</pre>`;
  return htmlPage({ title, subtitle }, [
    section("Result", headline(summary) + list([...notes, ...scoreNotes(scores)])),
    section("Folds", tables(summary) + list(foldNotes(summary))),
    section("Distribution over images", figure(distribution(report))),
    section("Every image", everyImage(report)),
    section("Reports of the folds", `<ul class="notes">${links.map(link).join("")}</ul>`),
    section("Configuration", folded("All options", options)),
  ]);
}

/** The number of the fold that each image was tested in. */
const foldOfImages = ({ folds }: FoldReport): number[] =>
  folds.flatMap(({ fold, perImage }) => perImage.map(() => fold));

/** As of an evaluation, and the headline metric in each fold. */
function distribution(report: FoldReport): string {
  const { label, values } = headlineColumn(report.scores);
  const foldOf = foldOfImages(report);
  const strips = report.folds.map(({ fold }) => ({
    label: `fold ${fold}`,
    values: values.filter((_, i) => foldOf[i] === fold),
  }));
  return distributionPlot(report.scores, [stripPanel(`${label} of each fold`, strips)]);
}

/** Names lead to the report of their fold. */
function everyImage(report: FoldReport): string {
  const { scores, folds, links } = report;
  const targets = folds.flatMap(({ perImage }, i) =>
    perImage.map(({ name }) => [name, links[i]!.path] as const),
  );
  const definition = "the fold that the image was tested in, by a network that has not seen it";
  return imageTable(scores, new Map(targets), [
    { label: "fold", kind: "count", definition, values: foldOfImages(report) },
  ]);
}

const link = ({ text, path }: FoldReport["links"][number]): string =>
  `<li><a href="${escapeHtml(path)}">${escapeHtml(text)}</a></li>`;

/** Dice, IoU, HD95 and ASSD of the images that have foreground, and PQ. */
function headline({ metrics, unit }: FoldsSummary): string {
  const own = metrics.some(({ table }) => table === "present") ? "present" : "foreground";
  const shown = metrics.filter(
    ({ table, name }) =>
      (table === own && ["dice", "iou", "hd95", "assd"].includes(name)) ||
      (table === "instances" && name === "pq"),
  );
  return cards(
    shown.map(({ text, overFolds, overImages }) => ({
      label: labelWithUnit(text, unit),
      value: formatValue(text, overFolds.mean),
      details: [
        `± ${formatValue(text, overFolds.std)} over folds · ` +
          `${formatValue(text, overImages.mean)} ± ${formatValue(text, overImages.std)} over images`,
      ],
    })),
  );
}

const tables = (summary: FoldsSummary): string =>
  foldRows(summary)
    .map(
      ({ heading, rows }) =>
        (heading === "" ? "" : `<p class="note">${escapeHtml(heading)}</p>`) + htmlTable(rows),
    )
    .join("");
