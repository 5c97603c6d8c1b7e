/** `sgdc inspect`: what a network consists of and costs. */
import { Command } from "commander";
import { inspect, inspectSchema, textTable, toJson, type InspectResult } from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { formatCount, type CommonFlags, type Output } from "./output.ts";

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
      const { checkpoint: found } = result;
      if (found) {
        const best = found.best
          ? `, best ${found.best.score.toFixed(4)} at epoch ${found.best.epoch}`
          : "";
        output.print(`${found.file}: epoch ${found.epoch} of ${found.epochs}${best}`);
      }
      const rows = result.layers.map((layer) => [
        layer.name,
        layer.output.join(" x "),
        formatCount(layer.parameters),
        formatCount(layer.layers),
        formatCount(layer.products),
      ]);
      const head = ["layer", "output", "parameters", "MACs", "MACs of products"];
      output.print(textTable([head, ...rows]));
      output.print("");
      for (const line of summaryOf(result)) output.print(line);
    },
  );
}

const millions = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** What the whole network costs, a line each. */
function summaryOf({ network, size, parameters, macs, notes, memory }: InspectResult): string[] {
  const { layers, products } = macs;
  return [
    `${network.name} at ${size} x ${size}`,
    `parameters: ${parameters} trained`,
    ...notes.parameters.map(({ what, value }) => `  with ${what}: ${parameters + value}`),
    `multiply-accumulates an image: ${formatCount(layers)}MAC of convolutions and linear layers, ${formatCount(products)}MAC of products between activations, as computed`,
    ...notes.macs.map(
      ({ what, value }, i) =>
        `  ${i === 0 ? "layers with" : "and with"} ${what}: ${formatCount(notes.macs.slice(0, i).reduce((sum, note) => sum + note.value, layers + value))}MAC`,
    ),
    `memory of weights: ${millions(memory.weights)}`,
    `memory of activations (estimate): ${millions(memory.training)} for a training step of ${memory.trainingBatch} images, ${millions(memory.prediction)} for the prediction of one`,
  ];
}
