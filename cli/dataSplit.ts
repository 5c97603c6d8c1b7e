/** `sgdc data split`: splits as files of names. */
import { Command } from "commander";
import {
  splitData,
  splitDataSchema,
  toJson,
  type NearDuplicates,
  type SplitDataOptions,
  type SplitDataResult,
} from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { countingFormat, formatColumns, type CommonFlags, type Output } from "./output.ts";

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
    formatColumns([["file", "training", "validation", "test"], ...rows]),
    ...(protocol?.groupedBy === undefined
      ? []
      : [`${groups} groups, none of them cut, by ${protocol.groupedBy}`]),
    ...(nearDuplicates ? nearDuplicateLines(nearDuplicates) : []),
  ].join("\n");
}

/** Pairs named one by one; --json has them all. */
const mostPairs = 20;

/** What was found, in lines for a person. */
export function nearDuplicateLines({ checked, total, pairs }: NearDuplicates): string[] {
  const looked = checked < total ? `${checked} of ${total} images looked at` : `${total} images`;
  if (pairs.length === 0) return [`near-duplicates across parts: none (${looked})`];
  const named = pairs.slice(0, mostPairs).map(({ images: [a, b], kind, correlation }) => {
    const how = kind === "identical" ? "the same file" : `correlation ${correlation.toFixed(4)}`;
    return `  ${a.name} (${a.part}) and ${b.name} (${b.part}): ${how}`;
  });
  const more = pairs.length - named.length;
  return [
    `near-duplicates across parts: ${pairs.length} (${looked}); keep each pair in one part with --group`,
    ...named,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
