/** Which predictions are doubtful, and whether they are worse, in words. */
import { counted } from "../base/counted.ts";
import type { JudgedImage } from "../score/judgedPairs.node.ts";
import type { Scores } from "../score/scores.ts";
import { formatValue } from "./formatNumber.ts";
import { headlineColumn } from "./imageColumns.ts";

/** Names that a line lists. */
const mostListed = 10;

const words = {
  unlike: "unlike the training images",
  wholeFrame: "nearly all foreground",
} as const;

/** One line; the scores are those of the judged images, in their order. */
export function doubtLine(judged: readonly JudgedImage[], scores: Scores): string {
  const doubtful = judged.filter(({ doubts }) => doubts.length > 0);
  const known = judged.some(({ novelty }) => novelty !== undefined);
  const unknown = known
    ? ""
    : "; whether the images are like those of the training is not known: the checkpoint does not tell";
  if (doubtful.length === 0)
    return `no prediction is doubtful, of ${counted(judged.length, "image")}${unknown}`;
  const { label, kind, values } = headlineColumn(scores);
  const meanOf = (wanted: boolean): string => {
    const own = values.filter(
      (value, i) => judged[i]!.doubts.length > 0 === wanted && !Number.isNaN(value),
    );
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    return formatValue({ kind: kind === "distance" ? kind : "share" }, mean);
  };
  const listed = doubtful.slice(0, mostListed).map(({ name, novelty, doubts }) => {
    const why = doubts.map((doubt) =>
      doubt === "unlike" ? `${words.unlike}, ${novelty!.toFixed(1)}` : words[doubt],
    );
    return `${name} (${why.join("; ")})`;
  });
  const more = doubtful.length > mostListed ? ` and ${doubtful.length - mostListed} more` : "";
  return `${doubtful.length} of ${counted(judged.length, "prediction")} are doubtful, mean ${label} ${meanOf(true)}, of the others ${meanOf(false)}: ${listed.join(", ")}${more}${unknown}`;
}
