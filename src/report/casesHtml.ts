/** The worst and the best cases of an evaluation with their pictures. */
import { escapeHtml } from "./escapeHtml.ts";
import { formatCell, headlineColumns, nameOfClass, worstImages } from "./imageColumns.ts";
import type { Scores } from "../score/scores.ts";
import {
  agreementColour,
  classColour,
  confusedColour,
  cssColour,
  errorScale,
  falseColour,
  missedColour,
  predictionColour,
  truthColour,
} from "./palette.ts";

/** A picture of a case. */
export interface ReportPicture {
  /** A `data:` URI. */
  readonly uri: string;
  readonly caption: string;
  /** The far end of the colours of a boundary error, pixels; absent for other pictures. */
  readonly clip?: number;
  /** It shows the classes in the colours of `classColour`. */
  readonly showsClasses?: boolean;
}

/** A case as the page shows it. */
export interface ReportCase {
  readonly name: string;
  /** The first one carries the contours. */
  readonly pictures: readonly ReportPicture[];
}

/** The id of each case's figure, by its name. */
const caseAnchors = (cases: readonly ReportCase[]): ReadonlyMap<string, string> =>
  new Map(cases.map(({ name }, i) => [name, `case-${i + 1}`]));

/** Links to the cases' figures, by their names. */
export const caseLinks = (cases: readonly ReportCase[]): ReadonlyMap<string, string> =>
  new Map([...caseAnchors(cases)].map(([name, id]) => [name, `#${id}`]));

/** The cases, worst first; those without scores come last. */
export function caseFigures(cases: readonly ReportCase[], scores: Scores): string {
  const columns = headlineColumns(scores);
  const anchors = caseAnchors(cases);
  const ranks = new Map(
    worstImages(scores).map((index, rank) => [scores.perImage[index]!.name, { index, rank }]),
  );
  const rankOf = ({ name }: ReportCase) => ranks.get(name)?.rank ?? ranks.size;
  const ordered = [...cases].sort((a, b) => rankOf(a) - rankOf(b));
  const figures = ordered.map(({ name, pictures }) => {
    const place = ranks.get(name);
    const values = columns.map((column) =>
      place === undefined
        ? ""
        : `<span>${escapeHtml(column.label)} <b>${formatCell(column, column.values[place.index]!)}</b></span>`,
    );
    const rank =
      place === undefined ? "" : `<span class="rank">${place.rank + 1} of ${ranks.size}</span>`;
    return (
      `<figure class="case" id="${anchors.get(name)!}"><figcaption>` +
      `<div class="name">${escapeHtml(name)}${rank}</div>` +
      `<div class="values">${values.join(" ")}</div></figcaption>` +
      `<div class="pictures">${pictures.map((picture) => pictureHtml(name, picture)).join("")}</div></figure>`
    );
  });
  const order =
    ranks.size === 0 ? "" : `<span>ordered by ${escapeHtml(columns[0]!.label)}, worst first</span>`;
  const all = cases.flatMap(({ pictures }) => pictures);
  const errors = all.some(({ clip }) => clip !== undefined);
  const classes = all.some(({ showsClasses }) => showsClasses);
  return (
    `${contourLegend(order)}${errors ? errorLegend(scores) : ""}${classes ? classLegend(scores) : ""}` +
    `<div class="cases">${figures.join("")}</div>`
  );
}

/** What the colours of contours mean. @param more  markup at the end of the line */
export const contourLegend = (more = ""): string =>
  `<p class="legend">contours: ${key(cssColour(truthColour), "truth")}` +
  key(cssColour(predictionColour), "prediction") +
  key(cssColour(agreementColour), "both at once") +
  `${more}</p>`;

/** A picture of a case with its caption. */
export function pictureHtml(name: string, { uri, caption, clip }: ReportPicture): string {
  const scale =
    clip === undefined
      ? ""
      : `<span class="scale">0 <i style="background:${gradient}"></i> ≥ ${clip} px</span>`;
  const text = escapeHtml(caption);
  return (
    `<div class="picture"><img src="${escapeHtml(uri)}" alt="${escapeHtml(`${name}: ${caption}`)}" ` +
    `title="${text}"><div class="caption">${text}${scale}</div></div>`
  );
}

const key = (colour: string, text: string): string =>
  `<span><i style="background:${colour}"></i>${text}</span>`;

const gradient = `linear-gradient(90deg,${errorScale.map(cssColour).join(",")})`;

const classLegend = ({ classes, instances, classNames }: Scores): string => {
  const count = (classes ?? instances)?.summary.perClass.length ?? 0;
  const keys = Array.from({ length: count }, (_, k) =>
    key(classColour(k + 1), escapeHtml(nameOfClass(classNames, k))),
  );
  return `<p class="legend">classes: ${keys.join("")}</p>`;
};

function errorLegend({ instances, classes }: Scores): string {
  const confused = instances ? "merged or split objects" : classes ? "wrong class" : undefined;
  const what = instances ? "objects" : "pixels";
  return (
    `<p class="legend">border error, distance of the predicted border to the true one: ` +
    key(gradient, "0 to the stated pixels and more") +
    key(cssColour(missedColour), `missed ${what}`) +
    key(cssColour(falseColour), `false ${what}`) +
    `${confused === undefined ? "" : key(cssColour(confusedColour), confused)}</p>`
  );
}
