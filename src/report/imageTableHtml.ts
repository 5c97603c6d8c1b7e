/** The scores of every image as a table that sorts by each of its columns. */
import { escapeHtml } from "./escapeHtml.ts";
import { formatNumber } from "./formatNumber.ts";
import { formatCell, imageColumns, worstImages, type ImageColumn } from "./imageColumns.ts";
import type { Scores } from "../score/scores.ts";

/**
 * Worst first by the headline metric. Numbers are held in full in `data-value`, by which `reportScript`
 * sorts.
 *
 * @param links  where names lead to, such as the case that the page shows (`#case-1`).
 * @param more   columns after those of the scores.
 */
export function imageTable(
  scores: Scores,
  links: ReadonlyMap<string, string>,
  more: readonly ImageColumn[] = [],
): string {
  const columns = [...imageColumns(scores), ...more];
  const button = (label: string) => `<button type="button">${escapeHtml(label)}</button>`;
  const head = [
    `<th scope="col" class="text">${button("image")}</th>`,
    ...columns.map(
      ({ label, definition }, i) =>
        `<th scope="col" title="${escapeHtml(definition)}"${i === 0 ? ' aria-sort="ascending"' : ""}>` +
        `${button(label)}</th>`,
    ),
    `<th scope="col">${button("size")}</th>`,
  ];
  const rows = worstImages(scores).map((i) => {
    const { name, scores: own } = scores.perImage[i]!;
    const cells = columns.map((column) => {
      const value = column.values[i]!;
      const bar =
        column.kind === "share" && !Number.isNaN(value)
          ? ` style="--share:${formatNumber(100 * value, 1)}%"`
          : "";
      return `<td data-value="${value}"${bar}>${formatCell(column, value)}</td>`;
    });
    const flags = [
      own.truthEmpty ? "truth empty" : "",
      own.predictionEmpty ? "prediction empty" : "",
    ].filter((flag) => flag !== "");
    const note = flags.length === 0 ? "" : ` <em>(${flags.join(", ")})</em>`;
    const link = links.get(name);
    const label =
      link === undefined
        ? escapeHtml(name)
        : `<a href="${escapeHtml(link)}">${escapeHtml(name)}</a>`;
    return (
      `<tr><th scope="row" class="text" data-name="${escapeHtml(name)}">${label}${note}</th>${cells.join("")}` +
      `<td data-value="${own.width * own.height}">${own.width} × ${own.height}</td></tr>`
    );
  });
  return (
    `<p class="note">Click a heading to sort; hold the pointer over it to see what it means.</p>` +
    `<div class="scroll tall"><table class="sortable">` +
    `<thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`
  );
}
