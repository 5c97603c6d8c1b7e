/** `sgdc doctor`: what this machine offers. */
import type { Command } from "commander";
import { z } from "zod";
import { doctor, textTable, type DoctorReport } from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const doctorCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "doctor",
      about: "Show devices, threads, memory and versions of this machine.",
      schema: z.strictObject({}),
      examples: ["sgdc doctor", "sgdc doctor --json"],
      run: (_options: object, { engine }) => doctor(engine),
      text: machineText,
    },
    output,
  );

function machineText(report: DoctorReport): string {
  const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  const { memory, devices } = report;
  const versions = Object.entries(report.versions).map(([name, v]) => `${name} ${v}`);
  const rows = devices.map(({ device, available, detail }) => [
    device,
    available ? "works" : "not here",
    available ? detail : shortReason(detail),
  ]);
  return [
    versions.join(", "),
    `${report.platform}, ${report.cpu}, ${report.threads} threads`,
    `memory: ${gib(memory.freeBytes)} of ${gib(memory.totalBytes)} GiB free\n`,
    textTable([["device", "state", ""], ...rows]),
  ].join("\n");
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
