/** `sgdc reproduce`: the paper's tables on any data set. */
import { Command } from "commander";
import {
  ArgumentError,
  launcherSchema,
  paperTables,
  reproduce,
  reproduceSchema,
  textTable,
  textTables,
  type ReproduceOptions,
  type ReproduceResult,
} from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { endingAfterStep, Interrupted, interruptible } from "./interrupt.ts";
import { formatDuration, type CommonFlags, type Output } from "./output.ts";
import { addRunFlags, readRunOptions } from "./runFlags.ts";
import { trainingProgress } from "./trainingProgress.ts";

interface Flags extends CommonFlags, Record<string, unknown> {
  readonly out?: string;
  readonly list?: boolean;
}

export function reproduceCommand(output: Output): Command {
  const command = new Command("reproduce")
    .description(
      "Run a table of the SGDC paper on your own data: rows x folds x seeds, then the table.",
    )
    .argument("[table]", "name of the table, see --list")
    .argument("[data]", "folder of the data set; left out to go on")
    .option(
      "-o, --out <folder>",
      "folder for runs and tables; tables of the same settings may share it",
    )
    .option("--list", "name the tables and their rows");
  addFlags(command, reproduceSchema, { optional: "all", group: () => "Table:" });
  addFlags(command, launcherSchema, { group: () => "Launcher:" });
  addRunFlags(command, ["seed", "weights", "encoderWeights"]);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc reproduce --list
  sgdc reproduce table-4 ISIC2016 --epochs 10 --seeds 3 --out tables
  sgdc reproduce table-5 --out tables              the same data and recipe, sharing its runs
  sgdc reproduce table-2 my-images --folds 5 --budget 20 --out tables
  sgdc reproduce table-1 ISIC2016 --test PH2 --out cross-set
  sgdc reproduce table-2 ISIC2018 --folds 5 --launcher slurm --cores 16 --out tables

Ctrl-C ends after the step under way; the same command goes on from there.`,
  );
  return command.action(
    async (table: string | undefined, data: string | undefined, flags: Flags) => {
      if (flags.list) list(flags, output);
      else await run(table, data, flags, output);
    },
  );
}

function list(flags: Flags, output: Output): void {
  if (flags.json) {
    output.print(JSON.stringify(paperTables));
    return;
  }
  for (const { name, title, rows, missing = [] } of paperTables) {
    output.print(`${name}: ${title}`);
    const lines = rows.map(({ name: row, title: printed }) => [`  ${row}`, printed]);
    output.print(textTable(lines));
    for (const row of missing) output.print(`  (${row.title}: ${row.why})`);
    output.print("");
  }
}

async function run(
  table: string | undefined,
  data: string | undefined,
  flags: Flags,
  output: Output,
): Promise<void> {
  const { out } = flags;
  if (table === undefined) {
    throw new ArgumentError(
      "reproduce: a table must be named, got none; sgdc reproduce --list names them",
    );
  }
  if (out === undefined) throw new ArgumentError("--out must be given, got nothing");
  const except = ["seed", "weights", "encoderWeights"];
  const options = {
    ...(await readRunOptions(data, flags, except)),
    ...readFlags(flags, reproduceSchema),
    launching: readFlags(flags, launcherSchema),
    ...{ table, out },
  } as ReproduceOptions;
  const progress = trainingProgress(flags, output);
  const tell = (): void => {
    output.tell(flags, `\n${endingAfterStep}`);
  };
  try {
    const result = await interruptible(tell, (signal) =>
      reproduce(options, {
        ...progress,
        onRun({ row, fold, seed, done, runs, remainingSeconds }) {
          progress.stop();
          const rest =
            remainingSeconds === undefined
              ? ""
              : `, about ${formatDuration(remainingSeconds)} left`;
          output.tell(flags, `${row}, fold ${fold}, seed ${seed}: ${done} of ${runs} done${rest}`);
        },
        onFailure({ row, fold, seed }, message) {
          progress.stop();
          output.tell(flags, `${row}, fold ${fold}, seed ${seed} failed: ${message}`);
        },
        onJob(text) {
          progress.stop();
          output.tell(flags, text);
        },
        signal,
        ...(output.engine && { engine: output.engine }),
      }),
    );
    progress.stop();
    finish(result, flags, output);
  } finally {
    progress.stop();
  }
}

function finish(result: ReproduceResult, flags: Flags, output: Output): void {
  const { status, done, runs, failed, plan, summary, files, script } = result;
  if (flags.json) {
    const { table, folder } = result;
    const event = { event: "result", status, table, folder, runs, done, failed, files };
    output.print(JSON.stringify(status === "planned" ? { ...event, plan, script } : event));
  }
  if (status === "interrupted") {
    throw new Interrupted(
      `interrupted after ${done} of ${runs} runs; the same command goes on from there`,
    );
  }
  if (flags.json) return;
  if (status === "planned") {
    const lines = plan.map(({ row, fold, seed }) => [row, String(fold), String(seed)]);
    output.print(textTable([["row", "fold", "seed"], ...lines]));
    output.print(`\n${runs} runs, ${done} of them done`);
    if (script !== undefined) output.print(`\n${script.trimEnd()}`);
    return;
  }
  for (const { heading, head, rows } of textTables(summary)) {
    output.print(`\n${heading}`);
    output.print(textTable([head, ...rows]));
  }
  for (const { row, fold, seed, message } of failed) {
    output.print(`failed: ${row}, fold ${fold}, seed ${seed}: ${message}`);
  }
  output.print("");
  for (const file of files) output.print(file);
}
