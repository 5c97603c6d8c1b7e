/** `sgdc compare`: two runs on the same images. */
import { Command } from "commander";
import { compare, compareSchema, formatComparison, toJson } from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import type { CommonFlags, Output } from "./output.ts";

const positional = ["a", "b"];

export function compareCommand(output: Output): Command {
  const command = new Command("compare")
    .description("Compare the scores of two runs, image by image.")
    .argument("<a>", "scores.json of the first run, or a folder that holds one")
    .argument("<b>", "scores.json of the second run, or a folder that holds one");
  addFlags(command, compareSchema, positional);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc compare runs/first runs/second
  sgdc compare runs/first/test runs/second/test --metrics dice,hd95
  sgdc compare a.json b.json --json                     files of sgdc score --json`,
  );
  return command.action(
    async (a: string, b: string, flags: CommonFlags & Record<string, unknown>) => {
      const result = await compare({ ...readFlags(flags, compareSchema, positional), a, b });
      output.print(flags.json ? toJson(result).trimEnd() : formatComparison(result));
    },
  );
}
