/** `sgdc train`: training, with a progress bar, JSON lines or silence. */
import { Command } from "commander";
import {
  presets,
  readOptionsFile,
  runConfigSchema,
  toJson,
  train,
  type OptionLeaf,
  type RunOptions,
  type TrainOptions,
  type TrainResult,
} from "../src/node.ts";
import { augmentGroup } from "./dataAugment.ts";
import { addFlags, readFlags } from "./flags.ts";
import { Interrupted, interruptible } from "./interrupt.ts";
import { engineOf, type CommonFlags, type Output } from "./output.ts";
import { trainingProgress } from "./trainingProgress.ts";

interface Flags extends CommonFlags, Record<string, unknown> {
  readonly out: string;
  readonly config?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

export function trainCommand(output: Output): Command {
  const command = new Command("train")
    .description("Train a network on images and masks.")
    .argument("[data]", "folder with images/ and masks/, or of ISIC 2016")
    .requiredOption("-o, --out <folder>", "folder for the run")
    .option("-c, --config <file>", "JSON file of options; flags override it")
    .option("--resume", "go on with the run in the folder")
    .option("--overwrite", "delete the run that the folder holds");
  addFlags(command, runConfigSchema, ["path"], defaultOf, groupOf);
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
    ...(await optionsOf(data, flags)),
    out: flags.out,
    ...(flags.resume && { resume: true }),
    ...(flags.overwrite && { overwrite: true }),
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

/** Configuration file, overlaid with flags. */
async function optionsOf(data: string | undefined, flags: Flags): Promise<Partial<RunOptions>> {
  const file: Partial<RunOptions> =
    flags.config === undefined ? {} : await readOptionsFile(flags.config);
  const given = readFlags(flags, runConfigSchema, ["path"]) as Partial<RunOptions>;
  return {
    ...file,
    ...given,
    model: { ...file.model, ...given.model },
    data: { ...file.data, ...given.data, ...(data !== undefined && { path: data }) },
    training: { ...file.training, ...given.training },
    runtime: { ...file.runtime, ...given.runtime },
  };
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
      `interrupted after ${epochs} whole ${epochs === 1 ? "epoch" : "epochs"}; go on with: sgdc train --out ${folder.path} --resume`,
    );
  }
  if (flags.json) return;
  const score = best ? `, best epoch ${best.epoch} (${best.score.toFixed(4)})` : "";
  output.print(`${status} after epoch ${epochs}${score}`);
  output.print(`weights: ${folder.best}`);
  output.print(`report:  ${folder.report}`);
}

/** The heading of the help: the section, with augmentation apart. */
const groupOf = (leaf: OptionLeaf): string | undefined =>
  augmentGroup(leaf) ?? sections[leaf.path[0] ?? ""];

const sections: Readonly<Record<string, string>> = {
  model: "Network:",
  data: "Data:",
  training: "Training:",
  runtime: "Running:",
};

/** What the presets say, one value if they agree. */
function defaultOf({ path: [section, key] }: OptionLeaf): string | undefined {
  if (section === "preset") return "compact";
  const values = Object.entries(presets).map(([name, preset]) => {
    const options: Record<string, Record<string, unknown>> = preset;
    return [name, options[section ?? ""]?.[key ?? ""]] as const;
  });
  const texts = new Set(values.map(([, value]) => JSON.stringify(value)));
  if (values.every(([, value]) => value === undefined)) return undefined;
  if (texts.size === 1) return plain(values[0]![1]);
  return values.map(([name, value]) => `${name} ${plain(value)}`).join(", ");
}

const plain = (value: unknown): string =>
  Array.isArray(value)
    ? value.join(",")
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
