/** `sgdc evaluate`: scores of a checkpoint on a data set. */
import { Command } from "commander";
import {
  evaluate,
  evaluateSchema,
  formatScores,
  formatSeen,
  toJson,
  type EvaluateOptions,
} from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { interruptible } from "./interrupt.ts";
import { engineOf, countingFormat, type CommonFlags, type Output } from "./output.ts";

export function evaluateCommand(output: Output): Command {
  const command = new Command("evaluate")
    .description("Measure a checkpoint on a data set: Dice, IoU, HD95, ASSD and others.")
    .argument("<checkpoint>", "checkpoint file, or folder of a run (its best)");
  addFlags(command, evaluateSchema, ["checkpoint"]);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc evaluate runs/first
  sgdc evaluate runs/first --data other-images --out runs/first/other
  sgdc evaluate runs/first --part validation --tta --json`,
  );
  return command.action(
    async (checkpoint: string, flags: CommonFlags & Record<string, unknown>) => {
      const options = { ...readFlags(flags, evaluateSchema, ["checkpoint"]), checkpoint };
      const bar = output.progress(flags, countingFormat("evaluating"));
      const result = await interruptible(
        () => undefined,
        (signal) =>
          evaluate(options as EvaluateOptions, {
            onProgress: (done, total) => {
              bar.update(done, total);
            },
            signal,
            ...engineOf(output),
          }),
      ).finally(() => {
        bar.stop();
      });
      if (flags.json) {
        output.print(toJson(result).trimEnd());
        return;
      }
      output.print(`trained on:   ${result.trainedOn ?? "unknown data"}`);
      const { images } = result.summary;
      output.print(`evaluated on: ${result.data}, ${result.part}: ${images} images`);
      output.print(`checkpoint:   ${result.checkpoint}\n`);
      output.print(formatScores(result));
      output.print(`\n${formatSeen(result, result.seen)}`);
      for (const file of result.files) output.print(`wrote ${file}`);
    },
  );
}
