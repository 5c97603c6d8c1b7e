/** `sgdc demo`: from nothing to masks in a few minutes. */
import type { Command } from "commander";
import { demo, demoSchema, formatTable, type DemoOptions, type DemoResult } from "../src/node.ts";
import { ownCommand } from "./command.ts";
import { addFlags, readFlags } from "./flags.ts";
import { endingAfterStep, Interrupted } from "./interrupt.ts";
import { jsonLine, type Output } from "./output.ts";
import { trainingProgress, type TrainingProgress } from "./trainingProgress.ts";

export const demoCommand = (output: Output): Command =>
  ownCommand<DemoOptions, TrainingProgress, DemoResult>(
    {
      name: "demo",
      about:
        "Make images, train the compact network on them, evaluate it on others, predict those.",
      examples: ["sgdc demo", "sgdc demo --out try --epochs 4 --images 64"],
      addFlags(command) {
        addFlags(command, demoSchema);
      },
      read: (flags) => readFlags(flags, demoSchema),
      listen: trainingProgress,
      interrupted: endingAfterStep,
      run: demo,
      json: (result) => jsonLine("result", result),
      text({ evaluation, predictions, reports }) {
        if (!evaluation) return "";
        return [
          `\nOn held-out images:\n\n${formatTable(evaluation.summary)}\n`,
          `predictions: ${predictions ?? ""}`,
          ...reports.map((report) => `report:      ${report}`),
        ].join("\n");
      },
      verdict({ evaluation }) {
        if (!evaluation) throw new Interrupted("interrupted; start the demo again");
      },
    },
    output,
  );
