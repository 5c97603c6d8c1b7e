/** Writes scores as files: everything as JSON, a line an image as CSV. */
import { join } from "node:path";
import { atomicWriteFile } from "../base/files.node.ts";
import type { Scores } from "../score/scores.ts";
import { toJson } from "../base/toJson.ts";
import { toClassCsv, toCsv, toInstanceCsv } from "./scoreCsv.ts";

/**
 * Writes `scores.json`, `scores.csv` (the foreground) and, where there are such scores, `classes.csv` and
 * `instances.csv` into a folder.
 *
 * @param result  what `scores.json` holds
 * @returns the paths of the files.
 * @throws {DataError} if a file cannot be written.
 */
export async function writeScores(
  folder: string,
  result: unknown,
  { perImage, classes, instances }: Scores,
): Promise<string[]> {
  const texts = [
    ["scores.json", toJson(result)],
    ["scores.csv", toCsv(perImage)],
    ...(classes ? [["classes.csv", toClassCsv(classes.perImage)] as const] : []),
    ...(instances ? [["instances.csv", toInstanceCsv(instances.perImage)] as const] : []),
  ] as const;
  for (const [name, text] of texts) await atomicWriteFile(join(folder, name), text);
  return texts.map(([name]) => join(folder, name));
}
