/** What a network has met of the images that it is evaluated on, in words and figures. */
import { counted } from "../base/counted.ts";
import { instanceMetricTable } from "../metrics/instanceTable.ts";
import { metricTable } from "../metrics/metricTable.ts";
import type { Scores, Summaries } from "../score/scores.ts";
import type { SeenScores } from "../score/seenScores.ts";
import { formatMetric, formatNumber, labelOf } from "./formatNumber.ts";
import { textTable } from "./textTable.ts";

/** How many were trained on or chosen by, and how that is known; one line. */
export function seenLine(
  { known, trained, chosen, images, unseen }: SeenScores,
  total: number,
): string {
  if (known === "nothing")
    return "whether the network was trained on some of these images is not known: the checkpoint does not tell its data";
  const by =
    known === "content" ? "told by the content of their files" : "told by the run's split alone";
  const alike = images.filter((image) => image.by === "likeness").length;
  if (images.length === 0)
    return `none of the ${counted(total, "image")} was trained on or chose the best epoch (${by})`;
  const parts = [
    ...(trained > 0 ? [`${trained} ${trained === 1 ? "was" : "were"} trained on`] : []),
    ...(chosen > 0 ? [`${chosen} chose the best epoch`] : []),
  ];
  const how = alike > 0 ? `${by}; ${alike} of them look the same` : by;
  const rest = unseen
    ? `; ${total - images.length} ${total - images.length === 1 ? "was" : "were"} not seen`
    : "; none is left that was not seen: this is no test";
  return `of ${counted(total, "image")}, ${parts.join(", ")} (${how})${rest}`;
}

/** The figures that matter most over all images and over those that were not seen, the first row being the head. */
export function seenCells(scores: Summaries, unseen: Summaries): string[][] {
  const both = [scores, unseen];
  const row = (label: string, value: (own: Summaries) => string): string[] => [
    label,
    ...both.map(value),
  ];
  const { unit } = scores.summary;
  const masks = (["dice", "iou", "hd95", "assd"] as const).map((name) =>
    row(labelOf(name, unit), ({ summary }) => formatMetric(name, summary.present[name].mean)),
  );
  return [
    ["", "all images", "not seen"],
    row("images", ({ summary }) => String(summary.images)),
    ...(scores.instances
      ? [
          ...(["pq", "ajiPlus"] as const).map((name) =>
            row(instanceMetricTable[name].label, ({ instances }) =>
              formatNumber(instances!.summary.present[name].mean, 4),
            ),
          ),
          row("pooled PQ", ({ instances }) => formatNumber(instances!.summary.pooled.pq, 4)),
        ]
      : []),
    ...(scores.classes
      ? (["dice", "iou"] as const).map((name) =>
          row(`mean ${metricTable[name].label} of the classes`, ({ classes }) =>
            formatMetric(name, classes!.summary.present[name]),
          ),
        )
      : []),
    ...masks,
    row("pooled Dice", ({ summary }) => formatMetric("dice", summary.micro.dice)),
  ];
}

/** For the terminal: the line, and where some were seen and others not, the table. */
export const formatSeen = (scores: Scores, seen: SeenScores): string =>
  [
    seenLine(seen, scores.perImage.length),
    ...(seen.unseen ? [textTable(seenCells(scores, seen.unseen))] : []),
  ].join("\n\n");
