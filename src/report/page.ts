/** The shell of a page that needs nothing but itself, and the parts that pages are made of. */
import { escapeHtml } from "./escapeHtml.ts";
import { reportScript, reportStyle } from "./reportStyle.ts";

/** What stands at the top of a page. */
export interface PageHead {
  readonly title: string;
  /** A line below the title. */
  readonly subtitle?: string;
}

/** @param sections  markup, from `section`; empty ones are left out. */
export const htmlPage = ({ title, subtitle }: PageHead, sections: readonly string[]): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
${subtitle === undefined ? "" : `<p class="subtitle">${escapeHtml(subtitle)}</p>`}
<p class="warning">For research use only. Not a medical device: not for diagnosis or treatment.</p>
</header>
<main>
${sections.filter((text) => text !== "").join("\n")}
</main>
<dialog></dialog>
<script>${reportScript}</script>
</body>
</html>
`;

/** @param body  markup; without any there is no section. */
export const section = (heading: string, body: string): string =>
  body === "" ? "" : `<section><h2>${escapeHtml(heading)}</h2>${body}</section>`;

export const list = (lines: readonly string[]): string =>
  lines.length === 0
    ? ""
    : `<ul class="notes">${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`;

export const figure = (svg: string): string => `<figure class="chart">${svg}</figure>`;

/** Markup behind a line that opens it. */
export const folded = (title: string, body: string): string =>
  `<details><summary>${escapeHtml(title)}</summary>${body}</details>`;

export interface Card {
  readonly label: string;
  readonly value: string;
  /** Lines below the value. */
  readonly details: readonly string[];
}

/** A few numbers, large. */
export const cards = (all: readonly Card[]): string =>
  `<div class="cards">${all
    .map(
      ({ label, value, details }) =>
        `<div class="card"><div class="label">${escapeHtml(label)}</div>` +
        `<div class="value">${escapeHtml(value)}</div>` +
        `<div class="detail">${details.map(escapeHtml).join("<br>")}</div></div>`,
    )
    .join("")}</div>`;

/** Rows of texts, the first being the head, the first column of words; `last` sets the last row off. */
export function htmlTable(
  [head = [], ...rows]: readonly (readonly string[])[],
  { last = false, words = [] as readonly string[] } = {},
): string {
  const wordy = head.map((text) => words.includes(text));
  const cells = head.map(
    (text, i) =>
      `<th scope="col"${i === 0 || wordy[i] ? ' class="text"' : ""}>${escapeHtml(text)}</th>`,
  );
  const lines = rows.map(([label = "", ...values], r) => {
    const own = values.map(
      (value, i) => `<td${wordy[i + 1] ? ' class="text"' : ""}>${escapeHtml(value)}</td>`,
    );
    const set = last && r === rows.length - 1 ? ' class="mean"' : "";
    return `<tr${set}><th scope="row">${escapeHtml(label)}</th>${own.join("")}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${cells.join("")}</tr></thead><tbody>${lines.join("")}</tbody></table></div>`;
}
