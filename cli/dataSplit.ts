/** `sgdc data split`: splits as files of names. */
import type { Command } from "commander";
import {
  nearDuplicateLines,
  splitData,
  splitDataSchema,
  textTable,
  type SplitDataOptions,
  type SplitDataResult,
} from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const dataSplitCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "split",
      about: "Split a data set and write the names of each part, for train and evaluate --split.",
      schema: splitDataSchema,
      positional: [["path", "<data>", "folder of the data set"]],
      examples: [
        "sgdc data split my-images --folds 5 --shuffle --seed 7 --out splits",
        "sgdc data split my-images --ratio 7:1:2 --group '^(patient\\d+)_' --out splits",
        "sgdc data split ISIC2016 --official --out splits",
        "sgdc train my-images --split splits/fold-1.json --out runs/fold-1",
      ],
      counting: "looking for near-duplicates",
      run: (options: SplitDataOptions, { onProgress }) => splitData(options, onProgress),
      text: splitText,
    },
    output,
  );

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
