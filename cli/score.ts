/** `sgdc score`: two folders of masks against each other. */
import { Command } from "commander";
import { formatTable, score, scoreSchema, toJson } from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { countingFormat, type CommonFlags, type Output } from "./output.ts";

const positional = ["predictions", "truths"];

export function scoreCommand(output: Output): Command {
  const command = new Command("score")
    .description("Score predicted masks against true ones, without a model.")
    .argument("<predictions>", "folder of predicted masks, or one mask")
    .argument("<truths>", "folder of true masks, or one mask");
  addFlags(command, scoreSchema, positional);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc score masks my-images/masks
  sgdc score masks my-images/masks --csv scores.csv --spacing-mm 0.5,0.5`,
  );
  return command.action(
    async (predictions: string, truths: string, flags: CommonFlags & Record<string, unknown>) => {
      const options = { ...readFlags(flags, scoreSchema, positional), predictions, truths };
      const bar = output.progress(flags, countingFormat("scoring"));
      const result = await score(options, (done, total) => {
        bar.update(done, total);
      }).finally(() => {
        bar.stop();
      });
      if (flags.json) output.print(toJson(result).trimEnd());
      else output.print(formatTable(result.summary));
    },
  );
}
