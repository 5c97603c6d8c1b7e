/** What a finished cross-validation leaves: scores as JSON and CSV, a report as Markdown and HTML. */
import { counted } from "../base/counted.ts";
import { atomicWriteFile } from "../base/files.node.ts";
import type { NearDuplicates } from "../data/splits/nearDuplicates.ts";
import { readSplit } from "../data/splits/splitFile.node.ts";
import { foldReportHtml } from "../report/foldReportHtml.ts";
import { foldImagesCsv, foldNotes, foldsCsv, foldsMarkdown } from "../report/foldTables.ts";
import { nearDuplicateLines } from "../report/nearDuplicateLines.ts";
import { spacingNotes } from "../report/scoreNotes.ts";
import { joinRows, summariseRows, type Scores } from "../score/scores.ts";
import { summariseFolds, type FoldsSummary } from "../score/summariseFolds.ts";
import { toJson } from "../base/toJson.ts";
import { nameOfRun } from "../run/networkFacts.ts";
import {
  foldFolder,
  type CrossValidationFolder,
  type CrossValidationState,
  type FoldResult,
} from "./crossValidateFolder.node.ts";

/** Writes all files and returns the summary. @throws {DataError} if a file cannot be written. */
export async function writeFoldReports(
  folder: CrossValidationFolder,
  state: CrossValidationState,
  results: readonly FoldResult[],
  nearDuplicates: NearDuplicates | undefined,
): Promise<FoldsSummary> {
  const summary = summariseFolds(results);
  const { classNames } = state.config.data;
  const scores = { ...summariseRows(joinRows(results)), ...(classNames && { classNames }) };
  await atomicWriteFile(folder.scores, scoresJson(state, results, summary, scores));
  await atomicWriteFile(folder.imagesCsv, foldImagesCsv(results));
  await atomicWriteFile(folder.foldsCsv, foldsCsv(summary));

  const { config, protocol } = state;
  const images = summary.images.reduce((a, b) => a + b, 0);
  const title = `sgdc cross-validation, ${nameOfRun(config)}`;
  const subtitle = `${config.data.path}: ${counted(images, "image")} in ${protocol.folds} folds`;
  const notes = [
    ...(await protocolNotes(folder, state)),
    ...(state.spacing ? spacingNotes(state.spacing) : []),
    ...(nearDuplicates ? nearDuplicateLines(nearDuplicates) : []),
  ];
  const markdown = [
    `# ${title}`,
    subtitle,
    foldsMarkdown(summary),
    [...foldNotes(summary), ...notes].map((line) => `- ${line.trim()}`).join("\n"),
  ];
  await atomicWriteFile(folder.markdown, `${markdown.join("\n\n")}\n`);
  const links = results.map(({ fold, epochs, best, perImage }) => ({
    text: `fold ${fold}: ${counted(perImage.length, "test image")}, best epoch ${best?.epoch ?? 0} of ${epochs}`,
    path: `fold-${fold}/test/report.html`,
  }));
  const html = foldReportHtml({
    ...{ title, subtitle, summary, folds: results, scores, notes, links },
    config: state,
  });
  await atomicWriteFile(folder.report, html);
  return summary;
}

/** All images in the form of `evaluate`, so that `compare` reads it, and the folds. */
function scoresJson(
  { protocol, evaluation, spacing, config }: CrossValidationState,
  results: readonly FoldResult[],
  folds: FoldsSummary,
  scores: Scores,
): string {
  const { preset, network, data, training } = config;
  return toJson({
    ...{ network, preset, seed: training.seed, protocol, evaluation, validation: data.validation },
    runs: results.map(({ fold, status, epochs, best }) => ({ fold, status, epochs, best })),
    folds,
    ...(spacing && { spacing }),
    ...scores,
    perImage: results.flatMap(({ fold, perImage }) => perImage.map((row) => ({ ...row, fold }))),
  });
}

/** How the folds were made, in words. */
async function protocolNotes(
  folder: CrossValidationFolder,
  { config, evaluation }: CrossValidationState,
): Promise<string[]> {
  const { protocol, groups } = await readSplit(foldFolder(folder.path, 1).split);
  const made =
    protocol?.method === "folds"
      ? `folds ${protocol.shuffled ? `drawn at random with seed ${protocol.seed ?? 0}` : "cut from the sorted names"}, of part ${protocol.pool}`
      : "folds as given in files";
  const grouped =
    groups && protocol?.groupedBy !== undefined
      ? `, ${new Set(Object.values(groups)).size} groups kept whole (by ${protocol.groupedBy})`
      : "";
  return [
    `${made}${grouped}; their names are in splits/`,
    `each network was trained with seed ${config.training.seed} on the other folds, of which a share of ${protocol?.validation ?? config.data.validation} chose the best epoch`,
    `each image is scored at its own size by the network that has not seen it${evaluation.tta ? ", averaged over flips" : ""}, threshold ${evaluation.threshold}`,
  ];
}
