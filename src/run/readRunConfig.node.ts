/** Configurations as JSON files. */
import { readFile } from "node:fs/promises";
import { fileReason } from "../base/files.node.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { parseJson } from "../base/json.ts";
import { resolveConfig, type RunConfig, type RunOptions } from "./config.ts";

/**
 * The options in a JSON file, unchecked.
 *
 * @throws {DataError} if the file cannot be read or is no JSON.
 */
export async function readOptionsFile(path: string): Promise<RunOptions> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new DataError(`${path}: must be a readable configuration, got ${fileReason(cause)}`, {
      cause,
    });
  }
  try {
    return parseJson(text) as RunOptions;
  } catch (cause) {
    throw new DataError(`${path}: configuration must be JSON, got: ${fileReason(cause)}`, {
      cause,
    });
  }
}

/**
 * A whole, checked configuration, such as config.json of a run.
 *
 * @throws {DataError} if the file cannot be read or does not hold one, naming what is wrong.
 */
export async function readRunConfig(path: string): Promise<RunConfig> {
  const options = await readOptionsFile(path);
  try {
    return resolveConfig(options);
  } catch (cause) {
    if (!(cause instanceof ArgumentError)) throw cause;
    throw new DataError(`${path}: ${cause.message}`, { cause });
  }
}
