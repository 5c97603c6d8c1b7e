/** `sgdc doctor`: what this machine offers. */
import { Command } from "commander";
import { doctor, toJson } from "../src/node.ts";
import { formatColumns, type CommonFlags, type Output } from "./output.ts";

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
        detail,
      ]);
      output.print(formatColumns([["device", "state", ""], ...rows]));
    });
}
