/** `sgdc data`: commands about data sets, without a network. */
import { Command } from "commander";
import { dataAugmentCommand } from "./dataAugment.ts";
import { dataInspectCommand } from "./dataInspect.ts";
import type { Output } from "./output.ts";

export function dataCommand(output: Output): Command {
  const command = new Command("data").description("Inspect, convert and look at data sets.");
  for (const make of [dataInspectCommand, dataAugmentCommand]) command.addCommand(make(output));
  return command;
}
