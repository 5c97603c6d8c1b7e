/** `sgdc evaluate`: scores of a checkpoint on a data set. */
import type { Command } from "commander";
import {
  counted,
  doubtLine,
  evaluate,
  evaluateSchema,
  formatScores,
  formatSeen,
  type EvaluateOptions,
} from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const evaluateCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "evaluate",
      about: "Measure a checkpoint on a data set: Dice, IoU, HD95, ASSD and others.",
      schema: evaluateSchema,
      positional: [
        ["checkpoint", "<checkpoint>", "checkpoint file, or folder of a run (its best)"],
      ],
      examples: [
        "sgdc evaluate runs/first",
        "sgdc evaluate runs/first --data other-images --out runs/first/other",
        "sgdc evaluate runs/first --part validation --tta --json",
      ],
      counting: "evaluating",
      interrupted: "",
      run: (options: EvaluateOptions, hooks) => evaluate(options, hooks),
      text(result) {
        return [
          `trained on:   ${result.trainedOn ?? "unknown data"}`,
          `evaluated on: ${result.data}, ${result.part}: ${counted(result.summary.images, "image")}`,
          `checkpoint:   ${result.checkpoint}\n`,
          formatScores(result),
          `\n${formatSeen(result, result.seen)}`,
          `\n${doubtLine(result.judged, result)}`,
          ...result.files.map((file) => `wrote ${file}`),
        ].join("\n");
      },
    },
    output,
  );
