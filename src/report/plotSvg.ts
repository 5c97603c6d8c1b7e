/** Charts drawn without a browser: Observable Plot on a small stand-in for a document. */

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { InternalError } from "../base/errors.ts";
import { escapeHtml } from "./escapeHtml.ts";

export type PlotOptions = Plot.PlotOptions;

/** One chart of a figure, with its heading and the names of its lines. */
export interface Panel {
  readonly heading: string;
  /** Shown beside the heading, each in its colour. */
  readonly legend: readonly { readonly label: string; readonly colour: string }[];
  readonly plot: PlotOptions;
}

/** Width and height of one panel in pixels, heading included. */
export const panelSize = { width: 470, height: 276 } as const;
const headingHeight = 38;

/**
 * Panels as one SVG text, in rows of `columns`. Lines of text and axes take the page's text colour
 * (`currentColor`); there is no background.
 */
export function drawPanels(panels: readonly Panel[], columns = 2): string {
  const across = Math.min(columns, panels.length);
  const width = across * panelSize.width;
  const height = Math.ceil(panels.length / columns) * panelSize.height;
  const parts = panels.map((panel, index) => {
    const x = (index % columns) * panelSize.width;
    const y = Math.floor(index / columns) * panelSize.height;
    const legend = panel.legend.map(
      ({ label, colour }) =>
        `<tspan dx="12" fill="${colour}" font-weight="600">${escapeHtml(label)}</tspan>`,
    );
    return (
      `<g transform="translate(${x},${y})">` +
      `<text x="44" y="15" font-weight="600" font-size="14">${escapeHtml(panel.heading)}</text>` +
      `<text x="32" y="33" font-size="12">${legend.join("")}</text>` +
      `<g transform="translate(0,${headingHeight})">${drawPlot(panel.plot)}</g></g>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
    `height="${height}" fill="currentColor" font-family="system-ui, 'DejaVu Sans', sans-serif">` +
    `${parts.join("")}</svg>`
  );
}

function drawPlot(options: PlotOptions): string {
  // The element types belong to the browser's library, which this project does not load.
  const parse: (html: string) => { readonly document: unknown } = parseHTML;
  const { document } = parse("<!doctype html><html></html>");
  const chart: unknown = Plot.plot({
    width: panelSize.width,
    height: panelSize.height - headingHeight - 20,
    marginTop: 14,
    marginLeft: 52,
    marginRight: 16,
    style: { fontSize: "11px" },
    ...options,
    document,
  });
  if (!isElement(chart)) throw new InternalError("drawPlot: chart must be an element, got none");
  // Plot's own rules are for a chart that stands alone on a page; inside another SVG they stretch it.
  return chart.outerHTML.replace(/<style>.*?<\/style>/s, "");
}

const isElement = (node: unknown): node is { readonly outerHTML: string } =>
  typeof node === "object" && node !== null && "outerHTML" in node;
