/** The folder of a cross-validation: its files, and what it says of how far it has come. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { atomicWriteFile, fileReason } from "../base/files.node.ts";
import { symmetries } from "../data/splits/perceptualHash.ts";
import type { NearDuplicates } from "../data/splits/nearDuplicates.ts";
import type { SpacingCount } from "../data/images/spacing.ts";
import { heldMeans, type ClassScores } from "../metrics/scoreClasses.ts";
import type { PairInstanceScores } from "../metrics/scoreInstances.ts";
import type { PairScores } from "../metrics/scorePair.ts";
import type { FoldScores } from "../score/summariseFolds.ts";
import { toJson } from "../base/toJson.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { parseJson } from "../base/json.ts";
import { resolveConfig, type RunConfig } from "../run/config.ts";
import { crossValidationSchema, type CrossValidationRules } from "./crossValidateSchema.ts";
import type { Progress } from "../train/progress.ts";
import { exists, runFolder, type RunFolder } from "../run/runFolder.node.ts";

/** Paths of a cross-validation's files. */
export interface CrossValidationFolder {
  readonly path: string;
  /** The rules and the configuration of the runs; what makes the folder one of a cross-validation. */
  readonly state: string;
  /** Images that show the same in two folds. */
  readonly nearDuplicates: string;
  /** Scores of all images, as `evaluate` writes them, with a summary over the folds. */
  readonly scores: string;
  readonly imagesCsv: string;
  readonly foldsCsv: string;
  readonly markdown: string;
  readonly report: string;
}

/** Paths of one fold's files. */
export interface FoldFolder {
  readonly run: RunFolder;
  readonly split: string;
  /** The evaluation: scores.json, scores.csv, report.html. */
  readonly test: string;
  /** Written last: a fold that has it is done. */
  readonly result: string;
}

export const crossValidationFolder = (path: string): CrossValidationFolder => ({
  path,
  state: join(path, "cross-validation.json"),
  nearDuplicates: join(path, "near-duplicates.json"),
  scores: join(path, "scores.json"),
  imagesCsv: join(path, "scores.csv"),
  foldsCsv: join(path, "folds.csv"),
  markdown: join(path, "report.md"),
  report: join(path, "report.html"),
});

export function foldFolder(path: string, fold: number): FoldFolder {
  const run = runFolder(join(path, `fold-${fold}`));
  return {
    run,
    split: join(path, "splits", `fold-${fold}.json`),
    test: join(run.path, "test"),
    result: join(run.path, "result.json"),
  };
}

/** What a cross-validation was started with. */
export interface CrossValidationState extends CrossValidationRules {
  readonly config: RunConfig;
  /** How many images tell the size of their pixels in mm; absent where it is given. */
  readonly spacing?: SpacingCount;
}

const stateSchema = crossValidationSchema.extend({
  version: z.literal(1),
  config: z.record(z.string(), z.unknown()),
  spacing: z.strictObject({ images: z.int(), known: z.int() }).optional(),
});

/** Earlier versions measured in pixels whatever the files said. */
const pixels: SpacingCount = { images: 0, known: 0 };

export async function writeState(
  folder: CrossValidationFolder,
  state: CrossValidationState,
): Promise<void> {
  await atomicWriteFile(folder.state, toJson({ version: 1, ...state }));
}

/**
 * @throws {ArgumentError} if the folder holds no cross-validation.
 * @throws {DataError} if its file is damaged.
 */
export async function readState(folder: CrossValidationFolder): Promise<CrossValidationState> {
  if (!(await exists(folder.state))) {
    throw new ArgumentError(
      `${folder.path}: folder to resume must hold a cross-validation, got no cross-validation.json`,
    );
  }
  const { protocol, evaluation, spacing, config } = await readJson(folder.state, stateSchema);
  try {
    return {
      ...{ protocol, evaluation, config: resolveConfig(config) },
      ...(!evaluation.spacing && { spacing: spacing ?? pixels }),
    };
  } catch (cause) {
    if (!(cause instanceof ArgumentError)) throw cause;
    throw new DataError(`${folder.state}: ${cause.message}`, { cause });
  }
}

/** @throws {ArgumentError} if the folder holds a cross-validation. */
export async function refuseCrossValidation(folder: CrossValidationFolder): Promise<void> {
  if (!(await exists(folder.state))) return;
  throw new ArgumentError(
    `${folder.path}: output folder must not hold a cross-validation yet, got one; choose another folder, go on with --resume, or replace it with --overwrite`,
  );
}

/** Deletes what a cross-validation has written, and nothing else: its mark last. */
export async function removeCrossValidation(folder: CrossValidationFolder): Promise<void> {
  if (!(await exists(folder.state))) return;
  const { protocol } = await readState(folder);
  const { state, path, ...files } = folder;
  for (let fold = 1; fold <= protocol.folds; fold++) {
    const { run, split } = foldFolder(path, fold);
    await rm(run.path, { recursive: true, force: true });
    await rm(split, { force: true });
  }
  for (const file of [...Object.values(files), state]) await rm(file, { force: true });
}

/** A finished fold. */
export interface FoldResult extends FoldScores {
  readonly status: string;
  /** Finished epochs. */
  readonly epochs: number;
  readonly best?: Progress["best"];
}

/** Written by `writeFoldResult` of the same version: what the scores hold is not looked at again. */
const scoresOf = <Scores>() =>
  z.array(
    z.object({
      name: z.string(),
      group: z.string().exactOptional(),
      scores: z.custom<Scores>((value) => typeof value === "object" && value !== null),
    }),
  );
const resultSchema = z.strictObject({
  version: z.literal(1),
  fold: z.int(),
  status: z.string(),
  epochs: z.int(),
  best: z.object({ epoch: z.int(), score: z.number() }).exactOptional(),
  perImage: scoresOf<PairScores>(),
  classes: scoresOf<ClassScores>().exactOptional(),
  instances: scoresOf<PairInstanceScores>().exactOptional(),
});

export async function writeFoldResult(path: string, result: FoldResult): Promise<void> {
  await atomicWriteFile(path, toJson({ version: 1, ...result }));
}

/** The result of a fold; undefined if it is not finished. @throws {DataError} if the file is damaged. */
export async function readFoldResult(path: string): Promise<FoldResult | undefined> {
  if (!(await exists(path))) return undefined;
  const { classes, ...result } = await readJson(path, resultSchema);
  if (classes === undefined) return result;
  // Version 0.1 did not keep the means over the classes that an image holds.
  const withHeld = classes.map(({ scores, ...named }) => ({
    ...named,
    scores: { ...scores, held: heldMeans(scores.perClass) },
  }));
  return { ...result, classes: withHeld };
}

export async function writeNearDuplicates(path: string, found: NearDuplicates): Promise<void> {
  await atomicWriteFile(path, toJson(found));
}

const image = z.strictObject({ part: z.string(), name: z.string() });
const duplicatesSchema = z.strictObject({
  checked: z.int(),
  total: z.int(),
  seconds: z.number(),
  unreadable: z.array(image.extend({ message: z.string() })),
  pairs: z.array(
    z.strictObject({
      images: z.tuple([image, image]),
      kind: z.enum(["identical", "similar"]),
      correlation: z.number(),
      symmetry: z.enum(symmetries),
    }),
  ),
});

/** What was found at the start; undefined if it was not looked for. */
export async function readNearDuplicates(path: string): Promise<NearDuplicates | undefined> {
  return (await exists(path)) ? readJson(path, duplicatesSchema) : undefined;
}

/** Numbers that JSON has no word for come back: `toJson` writes NaN as null, infinities as text. */
function revive(key: string, value: unknown): unknown {
  if (value === null) return NaN;
  if (key === "name" || (value !== "Infinity" && value !== "-Infinity")) return value;
  return Number(value);
}

async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  let json: unknown;
  try {
    json = parseJson(await readFile(path, "utf8"), revive);
  } catch (cause) {
    throw new DataError(`${path}: must be a file of cross-validate, got ${fileReason(cause)}`, {
      cause,
    });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DataError(
    `${path}: must be a file of this version's cross-validate, got a fault at ${issue!.path.join(".")}: ${issue!.message.toLowerCase()}`,
  );
}
