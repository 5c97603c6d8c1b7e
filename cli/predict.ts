/** `sgdc predict`: masks for images. */
import { Command } from "commander";
import { predict, predictSchema, toJson, type PredictOptions } from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { Reported } from "./reported.ts";
import { interruptible } from "./interrupt.ts";
import { engineOf, countingFormat, type CommonFlags, type Output } from "./output.ts";

const positional = ["checkpoint", "inputs"];

export function predictCommand(output: Output): Command {
  const command = new Command("predict")
    .description("Write mask, probability map and overlay for images of any size.")
    .argument("<checkpoint>", "checkpoint file, or folder of a run (its best)")
    .argument("<inputs...>", "image files, folders of images, and data sets");
  addFlags(command, predictSchema, positional);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc predict runs/first photo.jpg --out masks
  sgdc predict runs/first my-images/images --out masks --tta --maps edge,guidance
  sgdc predict runs/first my-images --out masks --skip-existing`,
  );
  return command.action(
    async (checkpoint: string, inputs: string[], flags: CommonFlags & Record<string, unknown>) => {
      const options = { ...readFlags(flags, predictSchema, positional), checkpoint, inputs };
      const bar = output.progress(flags, countingFormat("predicting"));
      const { images, failures, skipped } = await interruptible(
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
        output.print(toJson({ images, failures, skipped }).trimEnd());
      } else {
        for (const { image, foreground, files } of images) {
          const share = foreground.map((value) => `${(100 * value).toFixed(1)} %`).join(", ");
          output.print(`${image}: ${share} foreground, ${files[0] ?? ""}`);
        }
        if (skipped.length > 0) output.print(`${skipped.length} left out, their files are there`);
      }
      if (failures.length === 0) return;
      const all = images.length + failures.length + skipped.length;
      throw new Reported(
        `predict: all images must be usable, got ${failures.length} of ${all} that are not:\n${failures.map(({ message }) => `  ${message}`).join("\n")}`,
      );
    },
  );
}
