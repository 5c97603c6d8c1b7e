/** `sgdc networks`: what can be trained, and what it costs. */
import { Command } from "commander";
import { listNetworks, networksSchema, textTable, toJson } from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { formatCount, type CommonFlags, type Output } from "./output.ts";

export function networksCommand(output: Output): Command {
  const command = new Command("networks").description(
    "List the networks, with parameters and multiply-accumulates in each of their sizes.",
  );
  addFlags(command, networksSchema);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc networks --size 128
  sgdc train my-images --network unet --network-size compact --out runs/unet

MACs: multiply-accumulates of one image by convolutions and linear layers, and by products between activations
(attention, dynamic convolution), which counters of layers do not see.`,
  );
  return command.action((flags: CommonFlags & Record<string, unknown>) => {
    const listed = listNetworks(readFlags(flags, networksSchema));
    if (flags.json) {
      output.print(toJson(listed).trimEnd());
      return;
    }
    const rows = listed.flatMap(({ name, sides, sizes }) =>
      sizes.map(({ size, counts }, i) => [
        i === 0 ? name : "",
        size,
        counts ? formatCount(counts.parameters) : `needs ${sides}`,
        counts ? formatCount(counts.macs.layers) : "",
        counts ? formatCount(counts.macs.products) : "",
      ]),
    );
    const head = ["network", "size", "parameters", "MACs", "MACs of products"];
    output.print(textTable([head, ...rows]));
    output.print("");
    for (const { title, name, source } of listed) output.print(`${name}: ${title}; ${source}`);
  });
}
