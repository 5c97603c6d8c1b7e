/** Tables of the paper, on any data set: a training and a test for each row, fold and seed, then the table. */
import { rm } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { atomicWriteFile } from "../base/files.node.ts";
import { ArgumentError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { jobsInMemory } from "../cluster/jobsInMemory.node.ts";
import { launcherSchema, type LauncherOptions, type Work } from "../cluster/launcherOptions.ts";
import { runLocally } from "../cluster/localJobs.node.ts";
import { runOnSlurm, scriptOf } from "../cluster/slurm.node.ts";
import { refuseRanks } from "../cluster/openRanks.node.ts";
import { openDataset } from "../data/openDataset.node.ts";
import { qualifyNames } from "../data/splits/qualifyNames.ts";
import { writeSplit } from "../data/splits/splitFile.node.ts";
import type { Engine } from "../network/engine.ts";
import { nodeEngine } from "../network/engine.node.ts";
import { tableHtml } from "../report/paperTableHtml.ts";
import { tableCsv, tableLatex, tableMarkdown } from "../report/paperTableTexts.ts";
import type { ReportCase } from "../report/casesHtml.ts";
import { resolveConfig, type RunConfig, type RunOptions } from "../run/config.ts";
import { openCheckpoint } from "../run/openCheckpoint.node.ts";
import { withAbsolutePaths } from "../run/runData.node.ts";
import { isInUse, lockFolder, withFolder, type FolderLock } from "../run/folderLock.node.ts";
import { changeOf, exists, runFolder } from "../run/runFolder.node.ts";
import { rowsNamed, tableNamed, type PaperTable, type TableRow } from "../tables/paperTables.ts";
import {
  summariseTable,
  type ImageRow,
  type RowPlan,
  type TableRun,
  type TableSummary,
} from "../tables/summariseTable.ts";
import type { Scores } from "../score/scores.ts";
import { evaluate } from "./evaluate.node.ts";
import { makeSplits } from "./makeSplits.node.ts";
import {
  readEpochs,
  readFailure,
  readRun,
  readSettings,
  reproduceFolder,
  runFiles,
  settle,
  writeEpochs,
  writeFailure,
  writeRun,
  type ReproduceFolder,
  type ReproduceSettings,
} from "./reproduceFolder.node.ts";
import { casesOfTable, picturesOfTable } from "./reproducePictures.node.ts";
import { testMethod } from "./testMethod.node.ts";
import { train, type TrainHooks } from "./train.node.ts";

export const reproduceSchema = z.strictObject({
  rows: z.array(z.string().min(1)).optional().describe("rows to run (default: all)"),
  seeds: z.int().min(1).max(1000).default(1).describe("runs of each row and fold, seeds 0, 1, ..."),
  folds: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe(
      "folds of a cross-validation; 1: a single split of 7:1:2; 0: the data set's own test part (default: 0 if it has one, else 5, for table-3 1)",
    ),
  splitSeed: z.int().min(0).default(0).describe("seed that draws the folds"),
  test: z.string().min(1).optional().describe("another data set to test on"),
  budget: z
    .number()
    .positive()
    .optional()
    .describe("minutes of training for each run, in place of epochs"),
  only: z
    .string()
    .regex(/^.+\/\d+\/\d+$/)
    .optional()
    .describe("do this run alone, as row/fold/seed: what launchers have jobs do"),
  pictures: z
    .int()
    .min(0)
    .max(100)
    .default(4)
    .describe("test images that the page shows for all rows; 0: none"),
  dryRun: z.boolean().default(false).describe("say what would be run, and run nothing"),
});

export interface ReproduceOptions extends Partial<RunOptions>, z.input<typeof reproduceSchema> {
  /** Name of the table. */
  readonly table: string;
  /** Folder for runs and tables; several tables of the same settings may share it. */
  readonly out: string;
  /** Who does the runs; default this process, one after another. */
  readonly launching?: Partial<LauncherOptions> | undefined;
}

/** What watches and steers a reproduction: the hooks of its trainings, and what comes between them. */
export interface ReproduceHooks extends TrainHooks {
  /** A run begins. */
  onRun?(event: RunEvent): void;
  /** A run failed; the others go on. */
  onFailure?(run: PlannedRun, message: string): void;
  /** What a launcher does. */
  onJob?(line: string): void;
}

export interface PlannedRun {
  readonly row: string;
  readonly fold: number;
  readonly seed: number;
}

export interface RunEvent extends PlannedRun {
  /** Runs that are done, this one not among them, and all. */
  readonly done: number;
  readonly runs: number;
  /** Seconds that the rest takes, judged by the runs that are done; undefined before the first. */
  readonly remainingSeconds?: number;
}

export interface ReproduceResult {
  readonly status: "finished" | "interrupted" | "incomplete" | "planned";
  readonly table: string;
  readonly folder: string;
  readonly runs: number;
  readonly done: number;
  readonly failed: readonly (PlannedRun & { readonly message: string })[];
  /** With `dryRun`: what would be run, in this order. */
  readonly plan: readonly PlannedRun[];
  /** With `dryRun` and Slurm: the batch script of what is missing. */
  readonly script?: string;
  readonly summary: TableSummary;
  /** Files that were written. */
  readonly files: readonly string[];
}

/**
 * Runs what is missing of a table and writes it as Markdown, CSV, LaTeX and an HTML page with pictures. Every run is a run folder of its own under
 * `runs/`; finished ones are never run again, interrupted ones go on, failed ones are tried again. Runs share nothing but the data.
 *
 * @throws {ArgumentError} for an unknown table or row, unusable options, or a folder of other settings.
 * @throws {DataError} if the data set cannot be read or a file cannot be written.
 */
export async function reproduce(
  options: ReproduceOptions,
  hooks: ReproduceHooks = {},
): Promise<ReproduceResult> {
  refuseRanks("reproduce");
  const {
    table: name,
    out,
    preset,
    network,
    data,
    training,
    runtime,
    launching: asked,
    ...own
  } = options;
  const launching = checkOptions(launcherSchema, asked ?? {}, "options of reproduce");
  const checked = checkOptions(reproduceSchema, own, "options of reproduce");
  const table = tableNamed(name);
  const rows = rowsNamed(table, checked.rows);
  const { options: networkOptions = {}, ...choice } = network ?? {};
  if (Object.keys({ ...choice, ...networkOptions }).length > 0) {
    throw new ArgumentError(
      `reproduce: the rows of ${name} bring their networks, got network options besides; leave them out`,
    );
  }
  const folder = reproduceFolder(out);
  const given = { ...(preset && { preset }), data, training, runtime };
  const settings =
    data?.path === undefined
      ? await readSettings(folder)
      : await settingsOf(table, { ...given, data }, checked, folder);
  const plan = planOf(rows, Math.max(settings.folds, 1), checked.seeds);
  const state = async (): Promise<{ done: TableRun[]; failed: ReproduceResult["failed"] }> => {
    const done: TableRun[] = [];
    const failed: (PlannedRun & { message: string })[] = [];
    for (const run of plan) {
      const path = folder.run(run.row, run.fold, run.seed);
      const result = await readRun(path);
      if (result) done.push(result);
      else {
        const message = await readFailure(path);
        if (message !== undefined) failed.push({ ...run, message });
      }
    }
    return { done, failed };
  };
  if (checked.dryRun) {
    const { done, failed } = await state();
    const summary = summarise(table, rows, plan, done, failed);
    const counts = { runs: plan.length, done: done.length, failed };
    const planned = { status: "planned", table: name, folder: out, ...counts, plan } as const;
    if (launching.launcher === "local") return { ...planned, summary, files: [] };
    const works = worksOf(plan, options, folder);
    const missing = works.filter((_, i) => !done.some((run) => sameRun(run, plan[i]!)));
    const script = scriptOf(missing, jobName(name), out, launching);
    return { ...planned, summary, files: [], script };
  }

  await settle(folder, settings);
  await writeFolds(folder, settings);
  let interrupted = false;
  const launched =
    checked.only === undefined && (launching.launcher === "slurm" || (launching.jobs ?? 1) > 1);
  if (launched) {
    const { done } = await state();
    const open = plan.filter((run) => !done.some((one) => sameRun(one, run)));
    const configs = open.map((run) =>
      configOf(
        rows.find(({ name: row }) => row === run.row)!,
        run,
        settings,
        folder,
      ),
    );
    interrupted = await launch(
      worksOf(open, options, folder),
      configs,
      name,
      out,
      launching,
      hooks,
    );
  }
  const here = checked.only === undefined ? plan : plan.filter((run) => idOf(run) === checked.only);
  if (here.length === 0) {
    throw new ArgumentError(
      `only (--only) must be a run of the table as row/fold/seed, e.g. ${idOf(plan[0]!)}, got ${checked.only ?? ""}`,
    );
  }
  for (const run of launched ? [] : here) {
    if (hooks.signal?.aborted) interrupted = true;
    if (interrupted) break;
    const path = folder.run(run.row, run.fold, run.seed);
    if (await readRun(path)) continue;
    const { done } = await state();
    hooks.onRun?.({ ...run, done: done.length, runs: plan.length, ...remaining(plan, done) });
    const row = rows.find((candidate) => candidate.name === run.row)!;
    let claim: FolderLock;
    try {
      claim = await lockFolder(dirname(path), basename(path));
    } catch (error) {
      // Another process is doing it. Who was sent for this run alone says so; else there are others to do.
      if (checked.only !== undefined || !isInUse(error)) throw error;
      continue;
    }
    try {
      // What another process did in the meantime is done.
      if (await readRun(path)) continue;
      const result = await doRun(row, run, settings, folder, hooks);
      if (result) await writeRun(path, result);
      else interrupted = true;
    } catch (error) {
      if (hooks.signal?.aborted) {
        interrupted = true;
        break;
      }
      const message = error instanceof Error ? error.message : String(error);
      await writeFailure(path, message);
      hooks.onFailure?.(run, message);
    } finally {
      await claim.release();
    }
  }
  const { done, failed } = await state();
  const summary = summarise(table, rows, plan, done, failed);
  // Of processes with a run each the last writes the table.
  const write = checked.only === undefined || done.length === plan.length;
  const files = write
    ? await writeTables(
        ...([folder, table, settings, summary] as const),
        await picturesOf(table, done, checked.pictures, settings, folder, hooks),
      )
    : [];
  const status = interrupted
    ? "interrupted"
    : done.length < plan.length
      ? "incomplete"
      : "finished";
  const counts = { runs: plan.length, done: done.length, failed };
  return { status, table: name, folder: out, ...counts, plan, summary, files };
}

const idOf = ({ row, fold, seed }: PlannedRun): string => `${row}/${fold}/${seed}`;
const sameRun = (a: PlannedRun, b: PlannedRun): boolean => idOf(a) === idOf(b);
const jobName = (table: string): string => `sgdc-${table}`;

/** The runs as works of processes of their own, which find the settings in the folder. */
const worksOf = (
  plan: readonly PlannedRun[],
  { table, rows, seeds }: ReproduceOptions,
  folder: ReproduceFolder,
): Work[] =>
  plan.map((run) => {
    const path = folder.run(run.row, run.fold, run.seed);
    return {
      name: idOf(run),
      args: [
        ...["reproduce", table, "--out", resolve(folder.path), "--only", idOf(run)],
        ...(rows === undefined ? [] : ["--rows", rows.join(",")]),
        ...(seeds === undefined ? [] : ["--seeds", String(seeds)]),
      ],
      isDone: () => exists(runFiles(path).result),
      progress: () => changeOf(runFolder(path).last),
    };
  });

/** Has a launcher do the works. @returns whether it was interrupted */
async function launch(
  works: readonly Work[],
  configs: readonly RunConfig[],
  table: string,
  out: string,
  launching: LauncherOptions,
  hooks: ReproduceHooks,
): Promise<boolean> {
  const { signal, engine = nodeEngine } = hooks;
  const onJob = (line: string): void => hooks.onJob?.(line);
  const watch = { ...(signal && { signal }), onJob };
  let undone: readonly Work[];
  if (launching.launcher === "slurm") {
    undone = await runOnSlurm(works, jobName(table), out, launching, watch);
  } else {
    const { jobs: asked = 1 } = launching;
    const jobs = await jobsInMemory(asked, configs, engine);
    if (jobs < asked) onJob(`${jobs} of ${asked} jobs at a time: there is memory for no more`);
    undone = await runLocally(works, jobs, watch);
  }
  return undone.length > 0 && signal?.aborted === true;
}

/** Seeds outermost: after the first seed the whole table stands, later ones make it surer. */
const planOf = (rows: readonly TableRow[], folds: number, seeds: number): PlannedRun[] =>
  Array.from({ length: seeds }, (_, seed) =>
    Array.from({ length: folds }, (__, fold) =>
      rows
        // What is not trained knows no seed.
        .filter(({ method }) => method === undefined || seed === 0)
        .map(({ name }) => ({ row: name, fold: fold + 1, seed })),
    ),
  ).flat(2);

function remaining(
  plan: readonly PlannedRun[],
  done: readonly TableRun[],
): { remainingSeconds?: number } {
  if (done.length === 0) return {};
  const mean = (runs: readonly TableRun[]): number =>
    runs.reduce((sum, { trainingSeconds }) => sum + trainingSeconds, 0) / runs.length;
  const finished = new Set(done.map(({ row, fold, seed }) => `${row} ${fold} ${seed}`));
  const seconds = plan
    .filter(({ row, fold, seed }) => !finished.has(`${row} ${fold} ${seed}`))
    .map(({ row }) => {
      const own = done.filter((run) => run.row === row);
      return mean(own.length > 0 ? own : done);
    });
  return { remainingSeconds: seconds.reduce((a, b) => a + b, 0) };
}

type Checked = z.output<typeof reproduceSchema>;

async function settingsOf(
  { protocol }: PaperTable,
  given: Partial<RunOptions> & { readonly data: Partial<RunConfig["data"]> },
  { folds, splitSeed, test, budget }: Checked,
  folder: ReproduceFolder,
): Promise<ReproduceSettings> {
  if (budget !== undefined && given.training?.epochs !== undefined) {
    throw new ArgumentError(
      "reproduce: budget (--budget) stands in place of epochs (--epochs), got both",
    );
  }
  const config = withAbsolutePaths(resolveConfig(given));
  const { data, training, preset } = config;
  // The seed is the run's own.
  const recipe = { ...training, seed: 0 };
  const saved = (await exists(folder.settings)) ? await readSettings(folder) : undefined;
  const ownTest = test !== undefined || (await hasTest(config));
  return {
    run: { preset, data, training: recipe },
    folds: folds ?? saved?.folds ?? (ownTest ? 0 : protocol === "ratio" ? 1 : 5),
    splitSeed,
    test,
    budget,
  };
}

async function hasTest({ data }: RunConfig): Promise<boolean> {
  if (data.split !== undefined) return true;
  const { test } = await openDataset(data.path, { labels: data.labels });
  return test.length > 0;
}

/** Of a single split, as for the paper's table 3: training, validation, test; source images stay whole where they are known. */
const RATIO = [7, 1, 2];

/** The folds, drawn once: all rows and seeds are tested on the same images. */
async function writeFolds(folder: ReproduceFolder, settings: ReproduceSettings): Promise<void> {
  const { folds, splitSeed: seed } = settings;
  if (folds === 0 || (await exists(folder.split(folds)))) return;
  const { data } = resolveConfig(settings.run);
  const dataset = qualifyNames(await openDataset(data.path, { labels: data.labels }));
  const splits = await makeSplits(dataset, {
    ...(folds === 1
      ? { method: "ratio", ratio: RATIO }
      : { method: "folds", folds, shuffle: true, validation: data.validation }),
    ...{ pool: "all", seed },
  });
  for (const [i, split] of splits.entries()) await writeSplit(folder.split(i + 1), split);
}

/** The configuration of one run. */
function configOf(
  row: TableRow,
  { fold, seed }: PlannedRun,
  settings: ReproduceSettings,
  folder: ReproduceFolder,
): RunConfig {
  const run = settings.run as Partial<RunOptions> & { readonly data: Partial<RunConfig["data"]> };
  return resolveConfig({
    ...run,
    network: { name: row.network, size: row.size, options: row.options },
    data: { ...run.data, ...(settings.folds > 0 && { split: folder.split(fold) }) },
    // A network with a loss of its own takes the common one, so that rows differ in the network alone.
    training: { loss: "common", ...run.training, ...row.training, seed },
  });
}

/** Trains and tests one run from wherever it stands; undefined if it was interrupted. */
async function doRun(
  row: TableRow,
  planned: PlannedRun,
  settings: ReproduceSettings,
  folder: ReproduceFolder,
  hooks: ReproduceHooks,
): Promise<TableRun | undefined> {
  const { signal, engine } = hooks;
  if (row.method !== undefined) {
    hooks.onPhase?.(`testing ${row.name}`);
    const untrained = configOf(row, planned, settings, folder);
    const { scores, ...rest } = await testMethod(row.method, untrained, settings.test, signal);
    const unit = scores.summary.unit;
    return { ...planned, ...rest, unit, images: imagesOf(scores) };
  }
  const config = await withinBudget(
    configOf(row, planned, settings, folder),
    row,
    folder,
    settings,
    hooks,
  );
  if (!config) return undefined;
  const path = folder.run(planned.row, planned.fold, planned.seed);
  const begun = await exists(runFolder(path).last);
  const trained = await train(
    {
      ...(begun ? { resume: true } : { ...config, overwrite: true }),
      ...{ out: path, nearDuplicates: false },
    },
    hooks,
  );
  if (trained.status === "interrupted" || signal?.aborted) return undefined;
  hooks.onPhase?.(`testing ${row.name}`);
  const scores = await evaluate(
    {
      ...{ checkpoint: path, data: settings.test ?? config.data.path, part: "test", examples: 0 },
      ...(config.data.split !== undefined && settings.test === undefined
        ? { split: config.data.split }
        : {}),
      ...(settings.test !== undefined && { part: "all" }),
    },
    { ...(signal && { signal }), ...(engine && { engine }) },
  );
  const { facts, progress } = await openCheckpoint(runFolder(path).last);
  const report = await (engine ?? nodeEngine).inspectNetwork(facts, 1);
  return {
    ...planned,
    epochs: progress.epoch,
    trainingSeconds: progress.history.reduce((sum, { seconds }) => sum + seconds, 0),
    predictionMs: await predictionTime(path, engine ?? nodeEngine),
    parameters: report.parameters,
    macs: report.macs.layers + report.macs.products,
    unit: scores.summary.unit,
    images: imagesOf(scores),
  };
}

/**
 * The configuration with as many epochs as fit the budget, measured once for a row by one epoch that is thrown away; undefined if
 * that was interrupted.
 */
async function withinBudget(
  config: RunConfig,
  { name }: TableRow,
  folder: ReproduceFolder,
  { budget }: ReproduceSettings,
  hooks: ReproduceHooks,
): Promise<RunConfig | undefined> {
  if (budget === undefined) return config;
  const file = folder.epochs(name);
  const timed = async (): Promise<number | undefined> =>
    (await readEpochs(file)) ?? (await timeEpochs(config, name, folder, budget, hooks));
  for (;;) {
    try {
      // One process measures, the others wait for it.
      const epochs = (await readEpochs(file)) ?? (await withFolder(dirname(file), timed, "epochs"));
      if (epochs === undefined) return undefined;
      return { ...config, training: { ...config.training, epochs } };
    } catch (error) {
      if (!isInUse(error)) throw error;
      if (hooks.signal?.aborted) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** Epochs that fit the budget, by the time of one; undefined if that was interrupted. */
async function timeEpochs(
  config: RunConfig,
  row: string,
  folder: ReproduceFolder,
  budget: number,
  hooks: ReproduceHooks,
): Promise<number | undefined> {
  hooks.onPhase?.(`timing an epoch of ${row}`);
  const out = folder.run(row, 0, 0);
  const once = { ...config, training: { ...config.training, epochs: 1 } };
  const trial = await train(
    { ...once, out, overwrite: true, nearDuplicates: false },
    {
      ...(hooks.engine && { engine: hooks.engine }),
      ...(hooks.signal && { signal: hooks.signal }),
    },
  );
  if (trial.status === "interrupted") return undefined;
  const { progress } = await openCheckpoint(runFolder(out).last);
  const seconds = progress.history[0]?.seconds ?? Infinity;
  const epochs = Math.max(1, Math.floor((60 * budget) / seconds));
  await writeEpochs(folder.epochs(row), epochs);
  await rm(out, { recursive: true, force: true });
  return epochs;
}

function imagesOf({ perImage, instances }: Scores): ImageRow[] {
  const number = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return perImage.map(({ name, group, scores }, i) => ({
    name,
    ...(group !== undefined && { group }),
    scores: {
      dice: number(scores.dice),
      iou: number(scores.iou),
      hd95: scores.distancesExcluded ? null : number(scores.hd95),
      ...(instances && { pq: number(instances.perImage[i]!.scores.pq) }),
    },
  }));
}

/** Predictions that are timed after a first one. */
const TIMED = 9;

/** Median time of one prediction at the size that the network sees, ms. */
async function predictionTime(path: string, engine: Engine): Promise<number> {
  const { config, facts, weights } = await openCheckpoint(runFolder(path).best);
  const { device, threads } = config.runtime;
  const predictor = await engine.openPredictor(facts, weights, { device, threads, maps: false });
  try {
    const image = new Float32Array(3 * predictor.size ** 2);
    await predictor.predict(image, 1);
    const times: number[] = [];
    for (let i = 0; i < TIMED; i++) {
      const began = performance.now();
      await predictor.predict(image, 1);
      times.push(performance.now() - began);
    }
    return times.sort((a, b) => a - b)[(TIMED - 1) / 2]!;
  } finally {
    await predictor.dispose();
  }
}

function summarise(
  table: PaperTable,
  rows: readonly TableRow[],
  plan: readonly PlannedRun[],
  done: readonly TableRun[],
  failed: ReproduceResult["failed"],
): TableSummary {
  const entries = table.rows.map((row): RowPlan => {
    const own = plan.filter((run) => run.row === row.name);
    return {
      row,
      planned: rows.includes(row) ? own.length : 0,
      failures: failed
        .filter((run) => run.row === row.name)
        .map(({ fold, seed, message }) => `fold ${fold}, seed ${seed}: ${message}`),
    };
  });
  return summariseTable(table, entries, done);
}

/** Pictures of the same images for all rows that are done; none as long as the reference row is not, or after an interruption. */
async function picturesOf(
  table: PaperTable,
  done: readonly TableRun[],
  count: number,
  settings: ReproduceSettings,
  folder: ReproduceFolder,
  hooks: ReproduceHooks,
): Promise<ReportCase[]> {
  const cases = casesOfTable(
    done.filter(({ row }) => row === table.reference),
    count,
  );
  if (cases.length === 0 || hooks.signal?.aborted) return [];
  hooks.onPhase?.("drawing the same images for all rows");
  const { data, runtime } = resolveConfig(settings.run);
  return picturesOfTable(cases, table.rows, done, {
    data: settings.test ?? data.path,
    folder: ({ row, fold, seed }) => folder.run(row, fold, seed),
    engine: hooks.engine ?? nodeEngine,
    threads: runtime.threads,
  });
}

const splitInWords = ({ folds, splitSeed }: ReproduceSettings): string =>
  folds === 0
    ? "the data set's own test part"
    : `${folds === 1 ? `one split, ${RATIO.join(" : ")}` : `${folds} folds`}, drawn with seed ${splitSeed}`;

async function writeTables(
  folder: ReproduceFolder,
  table: PaperTable,
  settings: ReproduceSettings,
  summary: TableSummary,
  cases: readonly ReportCase[],
): Promise<string[]> {
  const config = resolveConfig(settings.run);
  const { size } = config.data;
  const about = [
    `Data: ${config.data.path}${settings.test === undefined ? "" : `, tested on ${settings.test}`}; ${splitInWords(settings)}.`,
    `Recipe: preset ${config.preset}, ${size} x ${size}, ${settings.budget === undefined ? `${config.training.epochs} epochs` : `${settings.budget} minutes`}, equal for all rows.`,
  ];
  const texts = {
    md: tableMarkdown(summary, about),
    csv: tableCsv(summary),
    tex: tableLatex(summary),
    html: tableHtml(summary, about, cases),
  };
  const files: string[] = [];
  for (const [ending, text] of Object.entries(texts)) {
    const file = folder.table(table.name, ending);
    await atomicWriteFile(file, text);
    files.push(file);
  }
  return files;
}
