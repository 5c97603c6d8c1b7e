/** Scores of two folders of masks, without a model. */
import { z } from "zod";
import { atomicWriteFile } from "../data/files.node.ts";
import { emptyPolicies } from "../metrics/emptyPolicy.ts";
import { scoreFolders, type FolderScores } from "../report/scoreFolders.node.ts";
import { toCsv } from "../report/tables.ts";
import { checkOptions } from "./options.ts";

const millimetres = z.number().positive();

export const scoreSchema = z.strictObject({
  predictions: z.string().min(1).describe("folder of predicted masks, or one mask"),
  truths: z.string().min(1).describe("folder of true masks, or one mask"),
  csv: z.string().min(1).optional().describe("file for the scores of every image"),
  spacingMm: z
    .array(millimetres)
    .length(2)
    .optional()
    .describe("height and width of a pixel in mm, as 0.5,0.5; without it distances are in pixels"),
  empty: z.enum(emptyPolicies).default("diagonal").describe("distance where one mask is empty"),
});

export type ScoreCommandOptions = z.input<typeof scoreSchema>;

/**
 * Scores predicted masks against true ones; see `scoreFolders`.
 *
 * @throws {ArgumentError} for unusable options; {DataError} for masks that are missing or unusable.
 */
export async function score(
  options: ScoreCommandOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<FolderScores> {
  const checked = checkOptions(scoreSchema, options, "options of score");
  const { predictions, truths, csv, spacingMm, empty } = checked;
  const [y, x] = spacingMm ?? [];
  const scores = await scoreFolders(predictions, truths, {
    empty,
    ...(y !== undefined && x !== undefined && { spacingMm: { y, x } }),
    ...(onProgress && { onProgress }),
  });
  if (csv !== undefined) await atomicWriteFile(csv, toCsv(scores.perImage));
  return scores;
}
