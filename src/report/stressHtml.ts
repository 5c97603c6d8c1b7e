/** A stress test as one page: tables of every metric, and the same images under every shift. */
import type { SeenScores } from "../score/seenScores.ts";
import type { StressCell, StressCondition } from "../score/stressCells.ts";
import { escapeHtml } from "./escapeHtml.ts";
import { formatNumber } from "./formatNumber.ts";
import { folded, htmlPage, htmlTable, list, section } from "./page.ts";
import { agreementColour, cssColour, predictionColour, truthColour } from "./palette.ts";
import { seenLine } from "./seenText.ts";
import { kindCounts, stressRows, worstShift } from "./stressText.ts";

/** An image under a condition, with both contours. */
export interface StressPicture extends StressCondition {
  readonly name: string;
  readonly kind?: string | undefined;
  /** Of the headline metric. */
  readonly value: number;
  /** A `data:` URI. */
  readonly uri: string;
}

/** What the page tells. */
export interface StressPage {
  readonly checkpoint: string;
  readonly data: string;
  readonly part: string;
  readonly seed: number;
  readonly images: readonly { readonly name: string }[];
  readonly seen: SeenScores;
  readonly headline: string;
  readonly cells: readonly StressCell[];
}

/** The page. Every text is escaped. */
export function stressHtml(page: StressPage, pictures: readonly StressPicture[]): string {
  const { checkpoint, data, part, seed, images, cells, headline } = page;
  const worst = worstShift(page);
  const metrics = [...new Set(cells.map(({ metric }) => metric))];
  const table = (metric: string) => htmlTable(stressRows(page, metric), { words: ["amount"] });
  return htmlPage(
    {
      title: "sgdc stress test",
      subtitle: `${data}, ${part}: ${images.length} images, seed ${seed}; checkpoint ${checkpoint}`,
    },
    [
      section(
        headline,
        table(headline) +
          list([
            `each cell: mean over the images, and its difference from the same images as they are; images: ${kindCounts(page)}`,
            ...(worst
              ? [
                  `${worst.shift} at strength ${worst.strength} costs most: ${formatNumber(worst.difference, 3)} (interval ${formatNumber(worst.interval.low, 3)} to ${formatNumber(worst.interval.high, 3)})`,
                ]
              : []),
            "distances are in pixels of the shifted image",
            seenLine(page.seen, images.length),
          ]),
      ),
      section("Pictures", pictures.length === 0 ? "" : picturesHtml(pictures, headline)),
      section(
        "All metrics",
        metrics
          .filter((metric) => metric !== headline)
          .map((metric) => folded(metric, table(metric)))
          .join(""),
      ),
    ],
  );
}

/** Of every image a figure, in it a row a shift, from weak to strong. */
function picturesHtml(pictures: readonly StressPicture[], headline: string): string {
  const key = (colour: string, text: string) =>
    `<span><i style="background:${colour}"></i>${text}</span>`;
  const legend = `<p class="legend">contours: ${key(cssColour(truthColour), "truth")}${key(cssColour(predictionColour), "prediction")}${key(cssColour(agreementColour), "both at once")}</p>`;
  const names = [...new Set(pictures.map(({ name }) => name))];
  const figures = names.map((name) => {
    const own = pictures.filter((picture) => picture.name === name);
    const kind = own[0]!.kind;
    const shifts = [...new Set(own.map(({ shift }) => shift))];
    const rows = shifts.map((shift) => {
      const each = own.filter((picture) => picture.shift === shift);
      return `<div class="pictures">${each.map((picture) => pictureHtml(picture, headline)).join("")}</div>`;
    });
    return `<figure class="case"><figcaption><div class="name">${escapeHtml(name)}${kind === undefined ? "" : ` (${escapeHtml(kind)})`}</div></figcaption>${rows.join("")}</figure>`;
  });
  return legend + `<div class="cases">${figures.join("")}</div>`;
}

function pictureHtml(picture: StressPicture, headline: string): string {
  const { name, shift, strength, amount, unit, value, uri } = picture;
  const what =
    strength === 0
      ? "as it is"
      : `${shift} ${strength} (${Number((amount ?? 0).toPrecision(3))} ${unit ?? ""})`;
  const text = escapeHtml(`${what}: ${headline} ${formatNumber(value, 3)}`);
  return `<div class="picture"><img src="${escapeHtml(uri)}" alt="${escapeHtml(name)}: ${text}" title="${text}"><div class="caption">${text}</div></div>`;
}
