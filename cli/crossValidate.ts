/** `sgdc cross-validate`: a training for each fold, and the scores of all of them. */
import { Option, type Command } from "commander";
import {
  crossValidate,
  foldEvaluationSchema,
  launcherSchema,
  formatFolds,
  protocolSchema,
  type CrossValidateOptions,
  type CrossValidateResult,
  type FoldEvent,
} from "../src/node.ts";
import { ownCommand, type Flags } from "./command.ts";
import { addFlags, readFlags } from "./flags.ts";
import { endingAfterStep, Interrupted } from "./interrupt.ts";
import { countingFormat, jsonLine, shellWord, type Output } from "./output.ts";
import { addFolderFlags, addRunFlags, folderOf, readRunOptions } from "./runFlags.ts";
import { trainingProgress, type TrainingProgress } from "./trainingProgress.ts";

interface FoldProgress extends TrainingProgress {
  onProgress(done: number, total: number): void;
  onFold(event: FoldEvent): void;
  onJob(line: string): void;
}

export const crossValidateCommand = (output: Output): Command =>
  ownCommand<CrossValidateOptions, FoldProgress, CrossValidateResult>(
    {
      name: "cross-validate",
      about: "Train and test a network for every fold; mean and deviation over folds and images.",
      positional: [["data", "[data]", "folder of the data set"]],
      addFlags(command) {
        addFolderFlags(command, {
          out: "folder for the folds and their results",
          resume: "go on where it stopped",
          held: "cross-validation",
        });
        command.option("--only-fold <n>", "do this fold alone, from 1", Number);
        const group = (): string => "Folds:";
        addFlags(command, protocolSchema, { group });
        addFlags(command, foldEvaluationSchema, { group });
        addFlags(command, launcherSchema, { group: () => "Launcher:" });
        command.addOption(
          new Option("--dry-run", "print Slurm's batch script, and do nothing else").helpGroup(
            "Launcher:",
          ),
        );
        addRunFlags(command, ["split"]);
      },
      examples: [
        "sgdc cross-validate my-images --folds 5 --out runs/cv",
        "sgdc cross-validate my-images --shuffle --group '^(patient\\d+)_' --epochs 20 --out runs/cv",
        "sgdc cross-validate --out runs/cv --resume",
        "sgdc cross-validate my-images --splits splits --only-fold 3 --out runs/cv",
        "sgdc cross-validate my-images --launcher slurm --time 8:00:00 --cores 8 --out runs/cv",
      ],
      notes:
        "Ctrl-C ends after the step under way; --resume goes on from there, to the same results.",
      read: async (flags, { data }) => ({
        ...(await readRunOptions(data, flags, ["split"])),
        protocol: readFlags(flags, protocolSchema),
        evaluation: readFlags(flags, foldEvaluationSchema),
        ...folderOf(flags),
        ...(typeof flags["onlyFold"] === "number" && { onlyFold: flags["onlyFold"] }),
        launching: readFlags(flags, launcherSchema),
        ...(flags["dryRun"] === true && { dryRun: true }),
      }),
      listen: foldProgress,
      interrupted: endingAfterStep,
      run: crossValidate,
      json({ status, folder, folds, done, nearDuplicates, summary, script }) {
        const { path, report, scores } = folder;
        const values = { status, folder: path, folds, done, nearDuplicates, script };
        return jsonLine("result", { ...values, ...(summary && { scores, report }), summary });
      },
      text(result) {
        const { status, folder, folds, done, summary } = result;
        if (status === "interrupted") return "";
        if (result.script !== undefined) return result.script.trimEnd();
        if (!summary)
          return `done: ${done.map((fold) => `fold ${fold}`).join(", ")} of ${folds}; ${goOn(result)}`;
        return `${formatFolds(summary)}\n\nscores: ${folder.scores}\nreport: ${folder.report}`;
      },
      verdict(result) {
        const { status, folds, done } = result;
        if (status === "interrupted")
          throw new Interrupted(
            `interrupted after ${done.length} of ${folds} folds; ${goOn(result)}`,
          );
      },
    },
    output,
  );

const goOn = ({ folder }: CrossValidateResult): string =>
  `go on with: sgdc cross-validate --out ${shellWord(folder.path)} --resume`;

/** The progress of the fold under way, named in every line, and a bar while it is tested. */
function foldProgress(flags: Flags, output: Output): FoldProgress {
  let now: FoldEvent | undefined;
  const fold = () => now && { fold: now.fold, folds: now.folds };
  const progress = trainingProgress(flags, output, fold);
  const bar = output.progress(flags, countingFormat("testing"));
  const stop = (): void => {
    progress.stop();
    bar.stop();
  };
  return {
    ...progress,
    stop,
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
    onJob(text) {
      stop();
      if (flags.json) output.print(jsonLine("job", { text }));
      output.tell(flags, text);
    },
  };
}
