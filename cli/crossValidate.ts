/** `sgdc cross-validate`: a training for each fold, and the scores of all of them. */
import { Command } from "commander";
import {
  crossValidate,
  foldEvaluationSchema,
  formatFolds,
  protocolSchema,
  toJson,
  type CrossValidateOptions,
  type CrossValidateResult,
  type FoldEvent,
} from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { Interrupted, interruptible } from "./interrupt.ts";
import { countingFormat, engineOf, shellWord, type CommonFlags, type Output } from "./output.ts";
import { addRunFlags, readRunOptions } from "./runFlags.ts";
import { trainingProgress } from "./trainingProgress.ts";

interface Flags extends CommonFlags, Record<string, unknown> {
  readonly out: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly onlyFold?: string;
  readonly acceptDataChanges?: boolean;
}

export function crossValidateCommand(output: Output): Command {
  const command = new Command("cross-validate")
    .description(
      "Train and test a network for every fold; mean and deviation over folds and images.",
    )
    .argument("[data]", "folder of the data set")
    .requiredOption("-o, --out <folder>", "folder for the folds and their results")
    .option("--resume", "go on where it stopped")
    .option("--overwrite", "delete the cross-validation that the folder holds")
    .option("--accept-data-changes", "resume although images or labels have changed")
    .option("--only-fold <n>", "do this fold alone, from 1");
  const heading = (): string => "Folds:";
  addFlags(command, protocolSchema, [], undefined, heading);
  addFlags(command, foldEvaluationSchema, [], undefined, heading);
  addRunFlags(command, ["split"]);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc cross-validate my-images --folds 5 --out runs/cv
  sgdc cross-validate my-images --shuffle --group '^(patient\\d+)_' --epochs 20 --out runs/cv
  sgdc cross-validate --out runs/cv --resume
  sgdc cross-validate my-images --splits splits --only-fold 3 --out runs/cv

Ctrl-C ends after the step under way; --resume goes on from there, to the same results.`,
  );
  return command.action((data: string | undefined, flags: Flags) => run(data, flags, output));
}

async function run(data: string | undefined, flags: Flags, output: Output): Promise<void> {
  const { onlyFold } = flags;
  const options = {
    ...(await readRunOptions(data, flags, ["split"])),
    protocol: readFlags(flags, protocolSchema),
    evaluation: readFlags(flags, foldEvaluationSchema),
    out: flags.out,
    ...(flags.resume && { resume: true }),
    ...(flags.overwrite && { overwrite: true }),
    ...(flags.acceptDataChanges && { acceptDataChanges: true }),
    ...(onlyFold !== undefined && { onlyFold: Number(onlyFold) }),
  } as CrossValidateOptions;
  let now: FoldEvent | undefined;
  const progress = trainingProgress(
    flags,
    output,
    () => now && { fold: now.fold, folds: now.folds },
  );
  const bar = output.progress(flags, countingFormat("testing"));
  const stop = (): void => {
    progress.stop();
    bar.stop();
  };
  const tell = (): void => {
    output.tell(flags, "\nending after the step under way; Ctrl-C again ends at once");
  };
  try {
    const result = await interruptible(tell, (signal) =>
      crossValidate(options, {
        ...progress,
        onFold(event) {
          stop();
          now = event;
          progress.onPhase(event.state);
        },
        onPhase(what) {
          bar.stop();
          progress.onPhase(what);
        },
        onProgress(done, total) {
          bar.update(done, total);
        },
        signal,
        ...engineOf(output),
      }),
    );
    stop();
    now = undefined;
    finish(result, flags, output);
  } finally {
    stop();
  }
}

function finish(result: CrossValidateResult, flags: Flags, output: Output): void {
  const { status, folder, folds, done, summary, nearDuplicates } = result;
  if (flags.json) {
    const { path, report, scores } = folder;
    const event = { event: "result", status, folder: path, folds, done, nearDuplicates };
    const files = summary && { scores, report };
    output.print(JSON.stringify(JSON.parse(toJson({ ...event, ...files, summary }))));
  }
  const goOn = `go on with: sgdc cross-validate --out ${shellWord(folder.path)} --resume`;
  if (status === "interrupted") {
    throw new Interrupted(`interrupted after ${done.length} of ${folds} folds; ${goOn}`);
  }
  if (flags.json) return;
  if (!summary) {
    output.print(`done: ${done.map((fold) => `fold ${fold}`).join(", ")} of ${folds}; ${goOn}`);
    return;
  }
  output.print(formatFolds(summary));
  output.print(`\nscores: ${folder.scores}`);
  output.print(`report: ${folder.report}`);
}
