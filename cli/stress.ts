/** `sgdc stress`: what a checkpoint loses on images that differ from those it was trained on. */
import type { Command } from "commander";
import {
  seenLine,
  stress,
  stressRows,
  stressSchema,
  textTable,
  worstShift,
  type StressOptions,
} from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const stressCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "stress",
      about:
        "Measure what a checkpoint loses by kinds of images, and under shifts of brightness, contrast, gamma, blur, noise, colour, scale and JPEG.",
      schema: stressSchema,
      positional: [
        ["checkpoint", "<checkpoint>", "checkpoint file, or folder of a run (its best)"],
      ],
      examples: [
        "sgdc stress runs/first --data other-images --out runs/first/stress",
        "sgdc stress runs/first --data other-images --kinds kinds.csv --images 60",
        "sgdc stress runs/first --shifts blur,noise,jpeg --strengths 0.5,1 --json",
      ],
      counting: "stressing",
      interrupted: "",
      run: (options: StressOptions, hooks) => stress(options, hooks),
      text(result) {
        const worst = worstShift(result);
        return [
          `checkpoint: ${result.checkpoint}`,
          `images:     ${result.data}, ${result.part}: ${result.images.length}, seed ${result.seed}`,
          `\n${result.headline}: mean, and its difference from the same images as they are\n`,
          textTable(stressRows(result)),
          ...(worst ? [`\ncosts most: ${worst.shift} at strength ${worst.strength}`] : []),
          `\n${seenLine(result.seen, result.images.length)}`,
          ...result.files.map((file) => `wrote ${file}`),
        ].join("\n");
      },
    },
    output,
  );
