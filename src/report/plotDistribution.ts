/** How a share, such as Dice, is spread over the images. */

import * as Plot from "@observablehq/plot";
import { lineColours } from "./palette.ts";
import { drawPanels } from "./plotSvg.ts";

/**
 * Histograms of shares in 0..1, twenty bins each, side by side, as SVG in the page's text colour.
 *
 * @param shares  one list a panel; values that are NaN are left out.
 */
export function plotDistribution(
  shares: readonly { readonly label: string; readonly values: readonly number[] }[],
): string {
  const panels = shares.map(({ label, values }) => ({
    heading: `${label}, number of images`,
    legend: [],
    plot: {
      x: { label: null, domain: [0, 1], ticks: 10 },
      y: { label: null, grid: true, ticks: 5 },
      marks: [
        Plot.rectY(binned(values), {
          x1: "from",
          x2: "to",
          y: "images",
          fill: lineColours[0]!,
          inset: 0.5,
        }),
        Plot.ruleY([0]),
      ],
    },
  }));
  return drawPanels(panels);
}

const bins = 20;

/** Images in each bin; the last one includes 1 itself. */
function binned(values: readonly number[]) {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values)
    if (!Number.isNaN(value)) counts[Math.min(bins - 1, Math.floor(value * bins))]! += 1;
  return counts.map((images, i) => ({ from: i / bins, to: (i + 1) / bins, images }));
}
