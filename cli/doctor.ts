/** `sgdc doctor`: what this machine offers. */
import { Command } from "commander";
import { doctor, textTable, toJson } from "../src/node.ts";
import { type CommonFlags, type Output } from "./output.ts";

export function doctorCommand(output: Output): Command {
  return new Command("doctor")
    .description("Show devices, threads, memory and versions of this machine.")
    .addHelpText("after", "\nExamples:\n  sgdc doctor\n  sgdc doctor --json")
    .action(async (flags: CommonFlags) => {
      const report = await doctor(output.engine);
      if (flags.json) {
        output.print(toJson(report).trimEnd());
        return;
      }
      const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
      const { memory, devices } = report;
      const versions = Object.entries(report.versions).map(([name, v]) => `${name} ${v}`);
      output.print(versions.join(", "));
      output.print(`${report.platform}, ${report.cpu}, ${report.threads} threads`);
      output.print(`memory: ${gib(memory.freeBytes)} of ${gib(memory.totalBytes)} GiB free\n`);
      const rows = devices.map(({ device, available, detail }) => [
        device,
        available ? "works" : "not here",
        available ? detail : shortReason(detail),
      ]);
      output.print(textTable([["device", "state", ""], ...rows]));
    });
}

/** Characters of a reason that leave a row of the table on one line of most terminals. */
const widest = 80;

/**
 * The first sentence of what the engine said, without what was being tried and without the place in the engine's source that it
 * begins with; `--json` has the whole text.
 */
export function shortReason(detail: string): string {
  const said = detail.slice(detail.lastIndexOf(" got: ") + 1).replace(/^got: /, "");
  const [, message = said] = /^\/\S+:\d+ .* was false\. (.*)$/.exec(said) ?? [];
  const [sentence = ""] = message.split(/\.(?: |$)/);
  return sentence.length > widest ? `${sentence.slice(0, widest - 3)}...` : sentence;
}
