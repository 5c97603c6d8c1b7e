/** How scores are spread over the images. */

import * as Plot from "@observablehq/plot";
import { lineColours } from "./palette.ts";
import type { Panel } from "./plotSvg.ts";

/** Some values, one an image, and what they are. */
export interface Values {
  readonly label: string;
  readonly values: readonly number[];
}

/** A histogram of shares in 0..1, twenty bins; NaN is left out. */
export const sharePanel = (label: string, values: readonly number[]): Panel =>
  histogram(label, values, 1);

/** A histogram of distances from 0, twenty bins; what is not finite is left out. */
export function distancePanel(label: string, values: readonly number[]): Panel {
  const most = values.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, b) : a), 0);
  return histogram(label, values, most > 0 ? roundUp(most) : 1);
}

/** The next number that starts with 1, 2, 3, 4, 5, 6 or 8. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 3, 4, 5, 6, 8].find((digit) => digit * power >= value) ?? 10) * power;
}

function histogram(label: string, values: readonly number[], end: number): Panel {
  const rows = binned(values, end);
  const most = rows.reduce((a, { images }) => Math.max(a, images), 1);
  return {
    heading: `${label}, number of images`,
    legend: [],
    plot: {
      x: { label: null, domain: [0, end], ticks: 10 },
      y: { label: null, grid: true, ticks: Math.min(5, most) },
      marks: [
        Plot.rectY(rows, {
          x1: "from",
          x2: "to",
          y: "images",
          fill: lineColours[0]!,
          inset: 0.5,
        }),
        Plot.ruleY([0]),
      ],
    },
  };
}

/** One line of dots a list, a dot an image, the mean as an upright stroke. */
export function stripPanel(heading: string, strips: readonly Values[]): Panel {
  const dots = strips.flatMap(({ label, values }) =>
    values.filter((value) => !Number.isNaN(value)).map((value) => ({ label, value })),
  );
  const means = strips.flatMap(({ label, values }) => {
    const own = values.filter((value) => !Number.isNaN(value));
    const value = own.reduce((a, b) => a + b, 0) / own.length;
    return own.length === 0 ? [] : [{ label, value }];
  });
  return {
    heading: `${heading}, a dot an image, a stroke the mean`,
    legend: [],
    plot: {
      marginLeft: 24 + 6 * Math.min(20, Math.max(...strips.map(({ label }) => label.length))),
      x: { label: null, domain: [0, 1], ticks: 10, grid: true },
      y: { label: null, domain: strips.map(({ label }) => label) },
      marks: [
        Plot.dot(dots, { x: "value", y: "label", fill: lineColours[0]!, fillOpacity: 0.65, r: 4 }),
        Plot.tickX(means, { x: "value", y: "label", stroke: lineColours[1]!, strokeWidth: 3 }),
      ],
    },
  };
}

/** How many instances are predicted, against how many there are; on the line the two agree. */
export function countPanel(
  counts: readonly { readonly actual: number; readonly predicted: number }[],
): Panel {
  const most = counts.reduce((a, b) => Math.max(a, b.actual, b.predicted), 1);
  return {
    heading: "Instances predicted (up) and true (right)",
    legend: [],
    plot: {
      x: { label: null, domain: [0, most], ticks: 6, grid: true, nice: true },
      y: { label: null, domain: [0, most], ticks: 5, grid: true, nice: true },
      marks: [
        Plot.line(
          [
            { at: 0, to: 0 },
            { at: most, to: most },
          ],
          { x: "at", y: "to", strokeOpacity: 0.5, strokeDasharray: "4 4" },
        ),
        Plot.dot(counts, {
          x: "actual",
          y: "predicted",
          fill: lineColours[0]!,
          fillOpacity: 0.75,
          r: 4,
        }),
      ],
    },
  };
}

const bins = 20;

/** Values in each bin from 0 to `end`; the last one includes the end itself. */
function binned(values: readonly number[], end: number) {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values)
    if (Number.isFinite(value)) counts[Math.min(bins - 1, Math.floor((value * bins) / end))]! += 1;
  return counts.map((images, i) => ({
    from: (i * end) / bins,
    to: ((i + 1) * end) / bins,
    images,
  }));
}
