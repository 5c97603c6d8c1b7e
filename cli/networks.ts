/** `sgdc networks`: what can be trained, and what it costs. */
import type { Command } from "commander";
import { listNetworks, networksSchema, textTable } from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import { formatCount, type Output } from "./output.ts";

type Options = Parameters<typeof listNetworks>[0];
type Listed = ReturnType<typeof listNetworks>;

export const networksCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "networks",
      about: "List the networks, with parameters and multiply-accumulates in each of their sizes.",
      schema: networksSchema,
      examples: [
        "sgdc networks --size 128",
        "sgdc train my-images --network unet --network-size compact --out runs/unet",
      ],
      notes: `MACs: multiply-accumulates of one image by convolutions and linear layers, and by products between activations
(attention, dynamic convolution), which counters of layers do not see.`,
      run: (options: NonNullable<Options>) => listNetworks(options),
      text: networksText,
    },
    output,
  );

function networksText(listed: Listed): string {
  const rows = listed.flatMap(({ name, sides, sizes }) =>
    sizes.map(({ size, counts }, i) => [
      i === 0 ? name : "",
      size,
      counts ? formatCount(counts.parameters) : `needs ${sides}`,
      counts ? formatCount(counts.macs.layers) : "",
      counts ? formatCount(counts.macs.products) : "",
    ]),
  );
  return [
    textTable([["network", "size", "parameters", "MACs", "MACs of products"], ...rows]),
    "",
    ...listed.map(({ title, name, source }) => `${name}: ${title}; ${source}`),
  ].join("\n");
}
