/** `sgdc compare`: two runs or more on the same images. */
import type { Command } from "commander";
import { compare, compareSchema, formatComparison, type CompareOptions } from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const compareCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "compare",
      about: "Compare the scores of two runs, or of several with the first, image by image.",
      schema: compareSchema,
      positional: [
        ["a", "<a>", "scores.json of the first run, or a folder that holds one"],
        ["b", "<b>", "scores.json of the second run, or a folder that holds one"],
        ["more", "[more...]", "further runs, each compared with the first"],
      ],
      examples: [
        "sgdc compare runs/first runs/second",
        "sgdc compare runs/first/test runs/second/test --metrics dice,hd95",
        "sgdc compare runs/first runs/second runs/third      p-values corrected for two comparisons",
        "sgdc compare a.json b.json --json                     files of sgdc score --json",
      ],
      run: (options: CompareOptions) => compare(options),
      text: formatComparison,
    },
    output,
  );
