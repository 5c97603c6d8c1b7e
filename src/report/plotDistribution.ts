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
        Plot.rectY(
          values.filter((value) => !Number.isNaN(value)).map((value) => ({ value })),
          {
            ...Plot.binX({ y: "count" }, { x: { value: "value", thresholds: edges } }),
            fill: lineColours[0]!,
            inset: 0.5,
          },
        ),
        Plot.ruleY([0]),
      ],
    },
  }));
  return drawPanels(panels);
}

/** 0, 0.05, ... 1. */
const edges = Array.from({ length: 21 }, (_, i) => i / 20);
