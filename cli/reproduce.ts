/** `sgdc reproduce`: the paper's tables on any data set. */
import type { Command } from "commander";
import {
  ArgumentError,
  launcherSchema,
  paperTables,
  reproduce,
  reproduceSchema,
  textTable,
  textTables,
  type PlannedRun,
  type ReproduceOptions,
  type ReproduceResult,
  type RunEvent,
} from "../src/node.ts";
import { ownCommand, type Flags } from "./command.ts";
import { addFlags, readFlags } from "./flags.ts";
import { endingAfterStep, Interrupted } from "./interrupt.ts";
import { formatDuration, jsonLine, type Output } from "./output.ts";
import { addRunFlags, readRunOptions } from "./runFlags.ts";
import { trainingProgress, type TrainingProgress } from "./trainingProgress.ts";

type List = Readonly<Record<"list", typeof paperTables>>;

interface TableProgress extends TrainingProgress {
  onRun(event: RunEvent): void;
  onFailure(run: PlannedRun, message: string): void;
  onJob(line: string): void;
}

/** Options of a run that the rows, the folds and the seeds bring. */
const except = ["seed", "weights", "encoderWeights"];

export const reproduceCommand = (output: Output): Command =>
  ownCommand<List | ReproduceOptions, TableProgress, List | ReproduceResult>(
    {
      name: "reproduce",
      about:
        "Run a table of the SGDC paper on your own data: rows x folds x seeds, then the table.",
      positional: [
        ["table", "[table]", "name of the table, see --list"],
        ["data", "[data]", "folder of the data set; left out to go on"],
      ],
      addFlags(command) {
        const out = "folder for runs and tables; tables of the same settings may share it";
        command.option("-o, --out <folder>", out);
        command.option("--list", "name the tables and their rows");
        addFlags(command, reproduceSchema, { optional: "all", group: () => "Table:" });
        addFlags(command, launcherSchema, { group: () => "Launcher:" });
        addRunFlags(command, except);
      },
      examples: [
        "sgdc reproduce --list",
        "sgdc reproduce table-4 ISIC2016 --epochs 10 --seeds 3 --out tables",
        "sgdc reproduce table-5 --out tables              the same data and recipe, sharing its runs",
        "sgdc reproduce table-2 my-images --folds 5 --budget 20 --out tables",
        "sgdc reproduce table-1 ISIC2016 --test PH2 --out cross-set",
        "sgdc reproduce table-2 ISIC2018 --folds 5 --launcher slurm --cores 16 --out tables",
      ],
      notes: "Ctrl-C ends after the step under way; the same command goes on from there.",
      async read(flags, { table, data }) {
        if (flags["list"] === true) return { list: paperTables };
        const { out } = flags;
        if (typeof table !== "string") {
          throw new ArgumentError(
            "reproduce: a table must be named, got none; sgdc reproduce --list names them",
          );
        }
        if (typeof out !== "string") throw new ArgumentError("--out must be given, got nothing");
        const run = await readRunOptions(data, flags, except);
        const launching = readFlags(flags, launcherSchema);
        return { ...run, ...readFlags(flags, reproduceSchema), launching, table, out };
      },
      listen: tableProgress,
      interrupted: endingAfterStep,
      run: (options, hooks) => ("list" in options ? options : reproduce(options, hooks)),
      json(result) {
        if ("list" in result) return JSON.stringify(result.list);
        const { status, table, folder, runs, done, failed, files, plan, script } = result;
        const values = { status, table, folder, runs, done, failed, files };
        return jsonLine("result", status === "planned" ? { ...values, plan, script } : values);
      },
      text: (result) => ("list" in result ? listText(result) : resultText(result)),
      verdict(result) {
        if ("list" in result || result.status !== "interrupted") return;
        throw new Interrupted(
          `interrupted after ${result.done} of ${result.runs} runs; the same command goes on from there`,
        );
      },
    },
    output,
  );

/** The progress of the run under way, and a line before each. */
function tableProgress(flags: Flags, output: Output): TableProgress {
  const progress = trainingProgress(flags, output);
  const tell = ({ row, fold, seed }: PlannedRun, what: string): void => {
    progress.stop();
    output.tell(flags, `${row}, fold ${fold}, seed ${seed}${what}`);
  };
  return {
    ...progress,
    onRun(event) {
      const { done, runs, remainingSeconds: left } = event;
      const rest = left === undefined ? "" : `, about ${formatDuration(left)} left`;
      tell(event, `: ${done} of ${runs} done${rest}`);
    },
    onFailure(run, message) {
      tell(run, ` failed: ${message}`);
    },
    onJob(text) {
      progress.stop();
      output.tell(flags, text);
    },
  };
}

const listText = ({ list }: List): string =>
  list
    .map(({ name, title, rows, missing = [] }) =>
      [
        `${name}: ${title}`,
        textTable(rows.map(({ name: row, title: printed }) => [`  ${row}`, printed])),
        ...missing.map((row) => `  (${row.title}: ${row.why})`),
        "",
      ].join("\n"),
    )
    .join("\n");

function resultText(result: ReproduceResult): string {
  const { status, done, runs, failed, plan, summary, files, script } = result;
  if (status === "interrupted") return "";
  if (status === "planned") {
    const lines = plan.map(({ row, fold, seed }) => [row, String(fold), String(seed)]);
    const table = textTable([["row", "fold", "seed"], ...lines]);
    const planned = `${table}\n\n${runs} runs, ${done} of them done`;
    return script === undefined ? planned : `${planned}\n\n${script.trimEnd()}`;
  }
  return [
    ...textTables(summary).map(
      ({ heading, head, rows }) => `\n${heading}\n${textTable([head, ...rows])}`,
    ),
    ...failed.map(
      ({ row, fold, seed, message }) => `failed: ${row}, fold ${fold}, seed ${seed}: ${message}`,
    ),
    "",
    ...files,
  ].join("\n");
}
