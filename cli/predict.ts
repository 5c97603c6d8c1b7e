/** `sgdc predict`: masks for images. */
import { Command } from "commander";
import { predict, predictSchema, toJson, type PredictOptions } from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { interruptible } from "./interrupt.ts";
import { engineOf, countingFormat, type CommonFlags, type Output } from "./output.ts";

const positional = ["checkpoint", "inputs"];

export function predictCommand(output: Output): Command {
  const command = new Command("predict")
    .description("Write mask, probability map and overlay for images of any size.")
    .argument("<checkpoint>", "checkpoint file, or folder of a run (its best)")
    .argument("<inputs...>", "image files and folders of images");
  addFlags(command, predictSchema, positional);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc predict runs/first photo.jpg --out masks
  sgdc predict runs/first my-images/images --out masks --tta --maps edge,guidance`,
  );
  return command.action(
    async (checkpoint: string, inputs: string[], flags: CommonFlags & Record<string, unknown>) => {
      const options = { ...readFlags(flags, predictSchema, positional), checkpoint, inputs };
      const bar = output.progress(flags, countingFormat("predicting"));
      const results = await interruptible(
        () => undefined,
        (signal) =>
          predict(options as PredictOptions, {
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
        output.print(toJson(results).trimEnd());
        return;
      }
      for (const { image, foreground, files } of results) {
        const share = foreground.map((value) => `${(100 * value).toFixed(1)} %`).join(", ");
        output.print(`${image}: ${share} foreground, ${files[0] ?? ""}`);
      }
    },
  );
}
