/** `sgdc inspect`: what a network consists of and costs. */
import type { Command } from "commander";
import {
  inspect,
  inspectSchema,
  textTable,
  type InspectOptions,
  type InspectResult,
} from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import { formatCount, type Output } from "./output.ts";

export const inspectCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "inspect",
      about: "Show layers, parameters, multiply-accumulates and memory of a network.",
      schema: inspectSchema,
      positional: [
        ["checkpoint", "[checkpoint]", "checkpoint file, or folder of a run (its best)"],
      ],
      examples: ["sgdc inspect --preset paper", "sgdc inspect runs/first --json"],
      run: (options: InspectOptions, { engine }) => inspect(options, engine),
      text: networkText,
    },
    output,
  );

function networkText(result: InspectResult): string {
  const { checkpoint, layers } = result;
  const best = checkpoint?.best;
  const score = best ? `, best ${best.score.toFixed(4)} at epoch ${best.epoch}` : "";
  const rows = layers.map((layer) => [
    layer.name,
    layer.output.join(" x "),
    formatCount(layer.parameters),
    formatCount(layer.layers),
    formatCount(layer.products),
  ]);
  return [
    ...(checkpoint
      ? [`${checkpoint.file}: epoch ${checkpoint.epoch} of ${checkpoint.epochs}${score}`]
      : []),
    textTable([["layer", "output", "parameters", "MACs", "MACs of products"], ...rows]),
    "",
    ...summaryOf(result),
  ].join("\n");
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
