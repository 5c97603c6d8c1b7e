/** `sgdc train`: training, with a progress bar, JSON lines or silence. */
import { Command } from "commander";
import { toJson, train, type TrainOptions, type TrainResult } from "../src/node.ts";
import { Interrupted, interruptible } from "./interrupt.ts";
import { engineOf, shellWord, type CommonFlags, type Output } from "./output.ts";
import { addRunFlags, readRunOptions } from "./runFlags.ts";
import { trainingProgress } from "./trainingProgress.ts";

interface Flags extends CommonFlags, Record<string, unknown> {
  readonly out: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly nearDuplicates?: boolean;
  readonly acceptDataChanges?: boolean;
}

export function trainCommand(output: Output): Command {
  const command = new Command("train")
    .description("Train a network on images and masks.")
    .argument("[data]", "folder with images/ and masks/, or of ISIC 2016")
    .requiredOption("-o, --out <folder>", "folder for the run")
    .option("--resume", "go on with the run in the folder")
    .option("--overwrite", "delete the run that the folder holds")
    .option("--accept-data-changes", "resume although images or labels have changed")
    .option("--no-near-duplicates", "do not look for images that show the same in two parts");
  addRunFlags(command);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc train my-images --out runs/first
  sgdc train ISIC2016 --preset paper --micro-batch 2 --out runs/paper
  sgdc train --out runs/first --resume
  sgdc train my-images --config runs/first/config.json --seed 7 --out runs/second

Ctrl-C ends after the step under way and keeps a checkpoint to resume from; a second one ends at once.`,
  );
  return command.action((data: string | undefined, flags: Flags) => run(data, flags, output));
}

async function run(data: string | undefined, flags: Flags, output: Output): Promise<void> {
  const options: TrainOptions = {
    ...(await readRunOptions(data, flags)),
    out: flags.out,
    ...(flags.resume && { resume: true }),
    ...(flags.overwrite && { overwrite: true }),
    ...(flags.acceptDataChanges && { acceptDataChanges: true }),
    ...(flags.nearDuplicates === false && { nearDuplicates: false }),
  };
  const progress = trainingProgress(flags, output);
  const tell = (): void => {
    output.tell(flags, "\nending after the step under way; Ctrl-C again ends at once");
  };
  try {
    const result = await interruptible(tell, (signal) =>
      train(options, { ...progress, signal, ...engineOf(output) }),
    );
    progress.stop();
    finish(result, flags, output);
  } finally {
    progress.stop();
  }
}

function finish(result: TrainResult, flags: Flags, output: Output): void {
  const { status, folder, epochs, best } = result;
  if (flags.json) {
    const { report, path } = folder;
    const event = { event: "result", status, folder: path, epochs, best, report };
    output.print(JSON.stringify(JSON.parse(toJson(event))));
  }
  if (status === "interrupted") {
    throw new Interrupted(
      `interrupted after ${epochs} whole ${epochs === 1 ? "epoch" : "epochs"}; go on with: sgdc train --out ${shellWord(folder.path)} --resume`,
    );
  }
  if (flags.json) return;
  const score = best ? `, best epoch ${best.epoch} (${best.score.toFixed(4)})` : "";
  output.print(`${status} after epoch ${epochs}${score}`);
  output.print(`weights: ${folder.best}`);
  output.print(`report:  ${folder.report}`);
}
