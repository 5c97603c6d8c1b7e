/** `sgdc phantom`: labelled made-up images. */
import { Command } from "commander";
import { phantom, phantomSchema, toJson } from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { countingFormat, type CommonFlags, type Output } from "./output.ts";

export function phantomCommand(output: Output): Command {
  const command = new Command("phantom")
    .description("Make labelled images that look like dermoscopy, for trials and tests.")
    .argument("<out>", "folder for images/ and masks/");
  addFlags(command, phantomSchema, ["out"]);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc phantom phantoms
  sgdc phantom more --count 20 --size 512 --seed 3`,
  );
  return command.action(async (out: string, flags: CommonFlags & Record<string, unknown>) => {
    const options = { ...readFlags(flags, phantomSchema, ["out"]), out };
    const bar = output.progress(flags, countingFormat("making phantoms"));
    const result = await phantom(options, (done, total) => {
      bar.update(done, total);
    }).finally(() => {
      bar.stop();
    });
    if (flags.json) output.print(toJson(result).trimEnd());
    else output.print(`${result.names.length} images with masks in ${result.out}`);
  });
}
