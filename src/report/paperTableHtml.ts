/** A reproduced table as one HTML page that needs nothing but itself, with pictures of the same cases for all rows. */
import type { TableSummary } from "../tables/summariseTable.ts";
import { pictureHtml, contourLegend, type ReportCase } from "./casesHtml.ts";
import { escapeHtml } from "./escapeHtml.ts";
import { htmlPage, htmlTable, list, section } from "./page.ts";
import { tableNotes, textTables, titleOf } from "./paperTableTexts.ts";

/**
 * The page. Every text is escaped.
 *
 * @param about  lines on data and recipe
 * @param cases  each with its pictures, in the order in which they are to stand
 */
export function tableHtml(
  summary: TableSummary,
  about: readonly string[],
  cases: readonly ReportCase[],
): string {
  const tables = textTables(summary).map(({ heading, head, rows }) =>
    section(heading, htmlTable([head, ...rows])),
  );
  const figures = cases.map(
    ({ name, pictures }) =>
      `<figure class="case"><figcaption><div class="name">${escapeHtml(name)}</div></figcaption>` +
      `<div class="pictures">${pictures.map((picture) => pictureHtml(name, picture)).join("")}</div></figure>`,
  );
  return htmlPage({ title: titleOf(summary.table), subtitle: about.join(" ") }, [
    ...tables,
    section("How to read it", list(tableNotes(summary))),
    section(
      "The same images for all rows",
      figures.length === 0
        ? ""
        : `<p class="note">${escapeHtml(
            `From the worst to the best for the reference row, by Dice, evenly spaced: chosen by rank, not by eye.`,
          )}</p>${contourLegend()}${figures.join("")}`,
    ),
  ]);
}
