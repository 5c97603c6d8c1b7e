/** How the metrics that matter most are spread over the images of an evaluation. */
import { headlineColumns, nameOfClass, type ImageColumn } from "./imageColumns.ts";
import type { Scores } from "../score/scores.ts";
import { countPanel, sharePanel, distancePanel, stripPanel } from "./plotDistribution.ts";
import { drawPanels, type Panel } from "./plotSvg.ts";

/**
 * As SVG: histograms of PQ, AJI+ and Dice with the counts of instances, true against predicted; or the mean
 * Dice of the classes and each class's own; or Dice, IoU and HD95.
 *
 * @param more  panels after these
 */
export function distributionPlot(scores: Scores, more: readonly Panel[] = []): string {
  const { instances, classes, classNames } = scores;
  const columns = headlineColumns(scores);
  const panelOf = ({ kind, label, values }: ImageColumn) =>
    kind === "distance" ? distancePanel(label, values) : sharePanel(label, values);
  const strips = (title: string, of: readonly (readonly number[])[]) =>
    stripPanel(
      title,
      of.map((values, k) => ({ label: nameOfClass(classNames, k), values })),
    );
  const perClass = instances?.summary.perClass.length ?? 0;
  return drawPanels([
    ...(instances
      ? [columns[0]!, columns[3]!, columns[4]!].map(panelOf)
      : columns.slice(0, classes ? 1 : 3).map(panelOf)),
    ...(instances
      ? [
          countPanel(
            instances.perImage.map(({ scores: { actual, predicted } }) => ({ actual, predicted })),
          ),
        ]
      : []),
    ...(instances && perClass > 1
      ? [
          strips(
            "PQ of each class",
            Array.from({ length: perClass }, (_, k) =>
              instances.perImage.map((image) => image.scores.perClass[k]!.pq),
            ),
          ),
        ]
      : []),
    ...(classes
      ? [
          strips(
            "Dice of each class where it is",
            classes.summary.perClass.map((_, k) =>
              classes.perImage.map(({ scores }) => {
                const { dice, truthEmpty } = scores.perClass[k]!;
                return truthEmpty ? NaN : dice;
              }),
            ),
          ),
        ]
      : []),
    ...more,
  ]);
}
