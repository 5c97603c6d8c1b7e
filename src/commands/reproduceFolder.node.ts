/** The folder of reproduced tables: what its runs have in common, and the result of each finished run. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { atomicWriteFile, fileReason } from "../base/files.node.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { tableMetrics } from "../tables/paperTables.ts";
import type { TableRun } from "../tables/summariseTable.ts";
import { exists } from "../run/runFolder.node.ts";

/** What all runs of the folder share; tables of one folder may share runs, because of it. */
export interface ReproduceSettings {
  /** Options of every run, without network and what a row changes. */
  readonly run: Readonly<Record<string, unknown>>;
  /** Folds of a cross-validation; 0: the data set's own test part. */
  readonly folds: number;
  readonly splitSeed: number;
  /** Another data set to test on. */
  readonly test?: string | undefined;
  /** Minutes of training for each run, in place of epochs. */
  readonly budget?: number | undefined;
}

const settingsSchema = z.strictObject({
  version: z.literal(1),
  run: z.record(z.string(), z.unknown()),
  folds: z.int().min(0),
  splitSeed: z.int(),
  test: z.string().optional(),
  budget: z.number().optional(),
});

export const reproduceFolder = (path: string) => ({
  path,
  settings: join(path, "reproduce.json"),
  split: (fold: number): string => join(path, "splits", `fold-${fold}.json`),
  epochs: (row: string): string => join(path, "runs", row, "epochs.json"),
  run: (row: string, fold: number, seed: number): string =>
    join(path, "runs", row, `fold-${fold}-seed-${seed}`),
  table: (name: string, ending: string): string => join(path, `${name}.${ending}`),
});

export type ReproduceFolder = ReturnType<typeof reproduceFolder>;

/** Files of one run, beside those of `train`. The result is written last: a run that has one is done. */
export const runFiles = (run: string) => ({
  result: join(run, "result.json"),
  failure: join(run, "failure.json"),
});

/**
 * Makes the folder one of these settings, or checks that it is.
 *
 * @throws {ArgumentError} if it was begun with other settings, naming each.
 */
export async function settle(folder: ReproduceFolder, settings: ReproduceSettings): Promise<void> {
  if (!(await exists(folder.settings))) {
    await atomicWriteFile(folder.settings, json({ version: 1, ...settings }));
    return;
  }
  const saved: Record<string, unknown> = await readJson(folder.settings, settingsSchema);
  const now: Record<string, unknown> = JSON.parse(json({ version: 1, ...settings })) as typeof now;
  const [before, after] = [flat(saved), flat(now)];
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key))
    .map((key) => `${key}: ${before.get(key) ?? "not set"}, now ${after.get(key) ?? "not set"}`);
  if (changed.length > 0) {
    throw new ArgumentError(
      `${folder.path}: all runs of a folder must have the same settings, got others:\n  ${changed.join("\n  ")}\nleave these options out, or take another folder`,
    );
  }
}

/** @throws {ArgumentError} if the folder holds no settings. */
export async function readSettings(folder: ReproduceFolder): Promise<ReproduceSettings> {
  if (!(await exists(folder.settings))) {
    throw new ArgumentError(
      `${folder.path}: must hold reproduced tables when no data set is given, got no reproduce.json; give the data set`,
    );
  }
  const { run, folds, splitSeed, test, budget } = await readJson(folder.settings, settingsSchema);
  return { run, folds, splitSeed, test, budget };
}

const metric = z.number().nullable();
const runSchema = z.strictObject({
  version: z.literal(1),
  row: z.string(),
  fold: z.int(),
  seed: z.int(),
  epochs: z.int(),
  trainingSeconds: z.number(),
  predictionMs: z.number(),
  parameters: z.number(),
  macs: z.number(),
  unit: z.string(),
  images: z.array(
    z.strictObject({
      name: z.string(),
      group: z.string().optional(),
      scores: z.partialRecord(z.enum(tableMetrics), metric),
    }),
  ),
});

export async function writeRun(path: string, run: TableRun): Promise<void> {
  await atomicWriteFile(runFiles(path).result, json({ version: 1, ...run }));
  await rm(runFiles(path).failure, { force: true });
}

/** The result of a run; undefined if it is not finished. @throws {DataError} if the file is damaged. */
export async function readRun(path: string): Promise<TableRun | undefined> {
  const { result } = runFiles(path);
  return (await exists(result)) ? readJson(result, runSchema) : undefined;
}

const failureSchema = z.strictObject({ message: z.string() });

/** Why a run failed the last time; undefined if it did not. */
export async function readFailure(path: string): Promise<string | undefined> {
  const { failure } = runFiles(path);
  return (await exists(failure)) ? (await readJson(failure, failureSchema)).message : undefined;
}

export const writeFailure = (path: string, message: string): Promise<void> =>
  atomicWriteFile(runFiles(path).failure, json({ message }));

const epochsSchema = z.strictObject({ epochs: z.int().min(1) });

/** Epochs that a row can do within the budget; undefined if they were not measured yet. */
export const readEpochs = async (file: string): Promise<number | undefined> =>
  (await exists(file)) ? (await readJson(file, epochsSchema)).epochs : undefined;

export const writeEpochs = (file: string, epochs: number): Promise<void> =>
  atomicWriteFile(file, json({ epochs }));

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 1)}\n`;

async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new DataError(`${path}: must be a file of reproduce, got ${fileReason(cause)}`, {
      cause,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DataError(
    `${path}: must be a file of this version's reproduce, got a fault at ${issue!.path.join(".")}: ${issue!.message.toLowerCase()}`,
  );
}

function flat(value: object, prefix = ""): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (inner === undefined) continue;
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) {
      for (const [name, text] of flat(inner, `${prefix}${key}.`)) all.set(name, text);
    } else all.set(prefix + key, JSON.stringify(inner));
  }
  return all;
}
