/** `sgdc inspect`: what a network consists of and costs. */
import { Command } from "commander";
import { inspect, inspectSchema, toJson } from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { formatColumns, formatCount, type CommonFlags, type Output } from "./output.ts";

export function inspectCommand(output: Output): Command {
  const command = new Command("inspect")
    .description("Show layers, parameters, multiply-accumulates and memory of a network.")
    .argument("[checkpoint]", "checkpoint file, or folder of a run (its best)");
  addFlags(command, inspectSchema, ["checkpoint"]);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc inspect --preset paper
  sgdc inspect runs/first --json`,
  );
  return command.action(
    async (checkpoint: string | undefined, flags: CommonFlags & Record<string, unknown>) => {
      const given = readFlags(flags, inspectSchema, ["checkpoint"]);
      const options = checkpoint === undefined ? given : { ...given, checkpoint };
      const result = await inspect(options, output.engine);
      if (flags.json) {
        output.print(toJson(result).trimEnd());
        return;
      }
      const { preset, size, parameters, macs, memory, layers, checkpoint: found } = result;
      if (found) {
        const best = found.best
          ? `, best ${found.best.score.toFixed(4)} at epoch ${found.best.epoch}`
          : "";
        output.print(`${found.file}: epoch ${found.epoch} of ${found.epochs}${best}`);
      }
      const rows = layers.map(({ name, output: shape, parameters: count, macs: each }) => [
        name,
        shape.join(" x "),
        formatCount(count),
        formatCount(each),
      ]);
      output.print(formatColumns([["layer", "output", "parameters", "MACs"], ...rows]));
      output.print(`\npreset ${preset} at ${size} x ${size}`);
      output.print(
        `parameters: ${parameters.trainable} trained (${parameters.withEncoderClassifier} with the encoder's classifier)`,
      );
      output.print(
        `convolutions: ${formatCount(macs.asComputed)}MAC an image as computed, ${formatCount(macs.asReleased)}MAC as released`,
      );
      for (const [name, bytes] of Object.entries(memory)) {
        output.print(`memory, ${name}: ${(bytes / 2 ** 20).toFixed(0)} MiB`);
      }
    },
  );
}
