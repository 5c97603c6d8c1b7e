/** The folder of a run: where its files lie, and when it may be used. */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ArgumentError, DataError } from "../base/errors.ts";
import { atomicWriteFile, fileReason, makeFolder } from "../base/files.node.ts";
import { epochRecordSchema, type EpochRecord } from "../train/progress.ts";
import type { RunConfig } from "./config.ts";

/** Paths of a run's files. */
export interface RunFolder {
  readonly path: string;
  /** The configuration with all defaults filled in. */
  readonly config: string;
  /** Names of the training, validation and test images. */
  readonly split: string;
  /** One JSON line an epoch. */
  readonly log: string;
  readonly curvesSvg: string;
  readonly curvesPng: string;
  readonly report: string;
  readonly checkpoints: string;
  /** Weights of the best epoch. */
  readonly best: string;
  /** Everything that is needed to go on. */
  readonly last: string;
}

export function runFolder(path: string): RunFolder {
  const checkpoints = join(path, "checkpoints");
  return {
    path,
    config: join(path, "config.json"),
    split: join(path, "split.json"),
    log: join(path, "log.jsonl"),
    curvesSvg: join(path, "curves.svg"),
    curvesPng: join(path, "curves.png"),
    report: join(path, "report.html"),
    checkpoints,
    best: join(checkpoints, "best.safetensors"),
    last: join(checkpoints, "last.safetensors"),
  };
}

/** The names that make a folder one of a run; nothing else in it is ever touched. */
const runNames = [
  "config.json",
  "split.json",
  "log.jsonl",
  "curves.svg",
  "curves.png",
  "report.html",
  "checkpoints",
];

/** Whether something is at `path`. */
export const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** When a file was last changed, as a text to compare; empty if there is none. */
export const changeOf = async (path: string): Promise<string> =>
  stat(path).then(
    ({ mtimeMs }) => String(mtimeMs),
    () => "",
  );

/** The names in a folder that belong to a run. */
const runFilesIn = async (path: string): Promise<string[]> => {
  const entries = await readdir(path).catch((): string[] => []);
  return runNames.filter((name) => entries.includes(name));
};

/** @throws {ArgumentError} if the folder holds a run. */
export async function refuseRun(path: string): Promise<void> {
  const found = await runFilesIn(path);
  if (found.length === 0) return;
  throw new ArgumentError(
    `${path}: output folder must not hold a run yet, got ${found.join(", ")}; choose another folder, go on with --resume, or replace it with --overwrite`,
  );
}

/**
 * Makes the folder ready for a new run.
 *
 * @param overwrite  whether an earlier run in it may be deleted
 * @throws {ArgumentError} if it holds a run and `overwrite` is false.
 * @throws {DataError} if the folder cannot be made or emptied.
 */
export async function prepareRunFolder(path: string, overwrite: boolean): Promise<RunFolder> {
  if (!overwrite) await refuseRun(path);
  try {
    for (const name of await runFilesIn(path)) await rm(join(path, name), { recursive: true });
    await makeFolder(join(path, "checkpoints"));
  } catch (cause) {
    throw new DataError(`${path}: output folder must be writable, got ${fileReason(cause)}`, {
      cause,
    });
  }
  return runFolder(path);
}

/** Removes what a killed process left half written: files of a run under their temporary names. */
export async function removeLeftovers({ path, checkpoints }: RunFolder): Promise<void> {
  const files = [...runNames, "best.safetensors", "last.safetensors"];
  for (const folder of [path, checkpoints]) {
    for (const name of await readdir(folder).catch((): string[] => [])) {
      const half = files.some((file) => name.startsWith(`.${file}.tmp-`));
      if (half) await rm(join(folder, name), { force: true });
    }
  }
}

export const writeConfig = async (folder: RunFolder, config: RunConfig): Promise<void> =>
  atomicWriteFile(folder.config, `${JSON.stringify(config, null, 2)}\n`);

/** Writes the whole log anew: it then never holds more or less than the checkpoint does. */
export const writeLog = async (folder: RunFolder, history: readonly EpochRecord[]): Promise<void> =>
  atomicWriteFile(folder.log, history.map((record) => `${JSON.stringify(record)}\n`).join(""));

/** The log as it is; undefined if there is none, or it is damaged, as a checkpoint holds its own epochs, too. */
export async function readLog(folder: RunFolder): Promise<EpochRecord[] | undefined> {
  const text = await readFile(folder.log, "utf8").catch(() => undefined);
  try {
    return text?.split("\n").flatMap((line) => (line === "" ? [] : [parseRecord(line)]));
  } catch {
    return undefined;
  }
}

const parseRecord = (line: string): EpochRecord => epochRecordSchema.parse(JSON.parse(line));
