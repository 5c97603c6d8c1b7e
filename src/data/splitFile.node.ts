/** Splits as files: `split.json` of a run. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { DataError } from "../tensor/errors.ts";
import { atomicWriteFile, fileReason } from "./files.node.ts";
import type { Split } from "./split.ts";

const names = z.array(z.string());
const schema = z.strictObject({ train: names, validation: names, test: names });

/** Writes the names of each part as JSON. @throws {DataError} if the file cannot be written. */
export async function writeSplit(path: string, split: Split): Promise<void> {
  await atomicWriteFile(path, JSON.stringify(split, null, 2) + "\n");
}

/** @throws {DataError} if the file is unreadable, no split, or lists a name twice. */
export async function readSplit(path: string): Promise<Split> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new DataError(`${path}: must be a readable split, got ${fileReason(error)}`, {
      cause: error,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${path}: must be JSON, got ${fileReason(error)}`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.join(".") ?? "";
    throw new DataError(
      `${path}: split must hold lists of names train, validation and test, got ${issue?.message ?? "something else"}${place === "" ? "" : ` at ${place}`}`,
    );
  }
  const all = [...parsed.data.train, ...parsed.data.validation, ...parsed.data.test].sort();
  const twice = all.find((name, i) => name === all[i + 1]);
  if (twice !== undefined) {
    throw new DataError(`${path}: a name must be in one part only once, got ${twice} twice`);
  }
  return parsed.data;
}
