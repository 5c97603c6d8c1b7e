/** `sgdc demo`: from nothing to masks in a few minutes. */
import { Command } from "commander";
import { demo, demoSchema, formatTable, toJson, type DemoOptions } from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { Interrupted, interruptible } from "./interrupt.ts";
import { engineOf, type CommonFlags, type Output } from "./output.ts";
import { trainingProgress } from "./trainingProgress.ts";

export function demoCommand(output: Output): Command {
  const command = new Command("demo").description(
    "Make images, train the compact network on them, evaluate it on others, predict those.",
  );
  addFlags(command, demoSchema);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc demo
  sgdc demo --out try --epochs 4 --images 64`,
  );
  return command.action(async (flags: CommonFlags & Record<string, unknown>) => {
    const options = readFlags(flags, demoSchema) as DemoOptions;
    const progress = trainingProgress(flags, output);
    const tell = (): void => {
      output.tell(flags, "\nending after the step under way; Ctrl-C again ends at once");
    };
    const result = await interruptible(tell, (signal) =>
      demo(options, { ...progress, signal, ...engineOf(output) }),
    ).finally(() => {
      progress.stop();
    });
    if (flags.json) {
      output.print(JSON.stringify(JSON.parse(toJson({ event: "result", ...result }))));
    }
    if (!result.evaluation) throw new Interrupted("interrupted; start the demo again");
    if (flags.json) return;
    output.print(`\nOn held-out images:\n\n${formatTable(result.evaluation.summary)}\n`);
    output.print(`predictions: ${result.predictions ?? ""}`);
    for (const report of result.reports) output.print(`report:      ${report}`);
  });
}
