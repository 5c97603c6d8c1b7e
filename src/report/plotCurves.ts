/** The course of a training as curves. */

import * as Plot from "@observablehq/plot";
import { ArgumentError } from "../base/errors.ts";
import type { EpochRecord } from "../train/progress.ts";
import { lineColours } from "./palette.ts";
import { drawPanels, type Panel } from "./plotSvg.ts";

/** One line of a chart. */
interface Curve {
  readonly label: string;
  readonly points: readonly Point[];
}

interface Point {
  readonly epoch: number;
  readonly value: number;
}

/**
 * Draws the history as SVG: loss of training and validation, the terms of the training loss, the
 * validation's shares and distances, and the learning rate; a panel without numbers is left out.
 * Values that are not finite leave a gap.
 *
 * @param history  at least one epoch, in order.
 * @returns        SVG text that takes the text colour of its page; see `curvesToPng` for a picture.
 * @throws {ArgumentError} if the history is empty.
 */
export function plotCurves(history: readonly EpochRecord[]): string {
  if (history.length === 0) throw new ArgumentError("plotCurves: needs at least one epoch, got 0");
  const train = curvesOf(history, ({ train }) => train);
  const validation = curvesOf(history, ({ validation }) => validation ?? {});
  const loss = [
    ...train.filter(({ label }) => label === "total").map((c) => ({ ...c, label: "training" })),
    ...validation
      .filter(({ label }) => label === "loss")
      .map((c) => ({ ...c, label: "validation" })),
  ];
  const terms = train.filter(({ label }) => label !== "total");
  const scores = validation.filter(({ label }) => label !== "loss");
  const rate = curvesOf(history, ({ learningRate }) => ({ "learning rate": learningRate }));
  const epochs = [history[0]!.epoch, history.at(-1)!.epoch] as const;
  const panels = [
    panel("Loss", loss, epochs),
    panel("Terms of the training loss", terms, epochs),
    panel("Validation scores", scores.filter(isShare), epochs),
    panel(
      "Validation distances",
      scores.filter((curve) => !isShare(curve)),
      epochs,
    ),
    panel("Learning rate", rate, epochs),
  ];
  return drawPanels(panels.filter((made) => made !== undefined));
}

/** One curve a key, in the order in which keys first occur. */
function curvesOf(
  history: readonly EpochRecord[],
  valuesOf: (record: EpochRecord) => Readonly<Record<string, number>>,
): Curve[] {
  const labels = new Set(history.flatMap((record) => Object.keys(valuesOf(record))));
  return [...labels]
    .map((label) => ({
      label,
      points: history.flatMap((record) => {
        const value = valuesOf(record)[label];
        return value === undefined ? [] : [{ epoch: record.epoch, value }];
      }),
    }))
    .filter(({ points }) => points.some(({ value }) => Number.isFinite(value)));
}

const isShare = ({ points }: Curve) =>
  points.every(({ value }) => !Number.isFinite(value) || (value >= 0 && value <= 1));

function panel(
  heading: string,
  curves: readonly Curve[],
  [first, last]: readonly [number, number],
): Panel | undefined {
  if (curves.length === 0) return undefined;
  const colourOf = (index: number) => lineColours[index % lineColours.length]!;
  return {
    heading,
    legend:
      curves.length === 1 && curves[0]!.label === heading.toLowerCase()
        ? []
        : curves.map(({ label }, index) => ({ label, colour: colourOf(index) })),
    plot: {
      x: {
        label: "epoch",
        domain: first === last ? [first - 1, first + 1] : [first, last],
        ticks: ticksOf(first, last),
        tickFormat: "d",
      },
      y: { label: null, grid: true, nice: true, ticks: 5 },
      marks: curves.flatMap(({ points }, index) => [
        Plot.lineY(points, {
          x: "epoch",
          y: "value",
          stroke: colourOf(index),
          strokeWidth: 1.8,
        }),
        // A line needs two points; few epochs show better as dots.
        ...(points.length <= 12
          ? [Plot.dot(points, { x: "epoch", y: "value", fill: colourOf(index), r: 2.6 })]
          : []),
      ]),
    },
  };
}

/** At most about eight whole epochs, at round numbers. */
function ticksOf(first: number, last: number): number[] {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  const step = steps.find((size) => (last - first) / size <= 8) ?? Math.ceil((last - first) / 8);
  const ticks: number[] = [];
  for (let epoch = Math.ceil(first / step) * step; epoch <= last; epoch += step) ticks.push(epoch);
  return ticks;
}
