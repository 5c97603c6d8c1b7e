/** `sgdc data`: commands about data sets, without a network. */
import { Command } from "commander";
import { dataAugmentCommand } from "./dataAugment.ts";
import { dataConvertCommand } from "./dataConvert.ts";
import { dataInspectCommand } from "./dataInspect.ts";
import { dataSplitCommand } from "./dataSplit.ts";
import type { Output } from "./output.ts";

export function dataCommand(output: Output): Command {
  const command = new Command("data").description("Inspect, convert, split and look at data sets.");
  const commands = [dataInspectCommand, dataConvertCommand, dataSplitCommand, dataAugmentCommand];
  for (const make of commands) command.addCommand(make(output));
  return command;
}
