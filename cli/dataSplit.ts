/** `sgdc data split`: splits as files of names. */
import { Command } from "commander";
import {
  nearDuplicateLines,
  splitData,
  splitDataSchema,
  textTable,
  toJson,
  type SplitDataOptions,
  type SplitDataResult,
} from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { countingFormat, type CommonFlags, type Output } from "./output.ts";

export function dataSplitCommand(output: Output): Command {
  const command = new Command("split")
    .description(
      "Split a data set and write the names of each part, for train and evaluate --split.",
    )
    .argument("<data>", "folder of the data set")
    .requiredOption("-o, --out <folder>", "folder for the files of the splits");
  addFlags(command, splitDataSchema, ["path", "out"]);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc data split my-images --folds 5 --shuffle --seed 7 --out splits
  sgdc data split my-images --ratio 7:1:2 --group '^(patient\\d+)_' --out splits
  sgdc data split ISIC2016 --official --out splits
  sgdc train my-images --split splits/fold-1.json --out runs/fold-1`,
  );
  return command.action(async (path: string, flags: CommonFlags & Record<string, unknown>) => {
    const options = {
      ...readFlags(flags, splitDataSchema, ["path", "out"]),
      path,
      out: flags["out"],
    } as SplitDataOptions;
    const bar = output.progress(flags, countingFormat("looking for near-duplicates"));
    const result = await splitData(options, (done, total) => {
      bar.update(done, total);
    }).finally(() => {
      bar.stop();
    });
    output.print(flags.json ? toJson(result).trimEnd() : splitText(result));
  });
}

function splitText({ splits, groups, nearDuplicates }: SplitDataResult): string {
  const rows = splits.map(({ file, train, validation, test }) =>
    [file, train, validation, test].map(String),
  );
  const protocol = splits[0]?.protocol;
  return [
    textTable([["file", "training", "validation", "test"], ...rows]),
    ...(protocol?.groupedBy === undefined
      ? []
      : [`${groups} groups, none of them cut, by ${protocol.groupedBy}`]),
    ...(nearDuplicates ? nearDuplicateLines(nearDuplicates) : []),
  ].join("\n");
}
