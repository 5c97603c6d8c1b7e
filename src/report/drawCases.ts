/** The worst and the best cases of scores as pictures for a report. */
import type { PairSource } from "../score/scorePairs.ts";
import type { Scores } from "../score/scores.ts";
import { drawExample, type ReportExample } from "./drawExample.ts";
import { casesToShow } from "./imageColumns.ts";

/**
 * Looks at the worst and the best pairs once more and draws them: on their images, else on the truth itself.
 *
 * @param count  half of them the worst, half the best by the headline metric
 * @throws {DataError} as `view` of the source.
 */
export async function drawCases(
  source: PairSource,
  scores: Scores,
  count: number,
): Promise<ReportExample[]> {
  const classes = (scores.classes ?? scores.instances)?.summary.perClass.length ?? 1;
  const examples: ReportExample[] = [];
  for (const name of casesToShow(scores, count)) {
    const { prediction, truth, image } = await source.view(name);
    examples.push(drawExample(name, { truth, prediction, several: classes > 1 }, image));
  }
  return examples;
}
