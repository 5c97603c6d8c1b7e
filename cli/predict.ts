/** `sgdc predict`: masks for images. */
import type { Command } from "commander";
import { predict, predictSchema, type PredictOptions } from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";
import { Reported } from "./reported.ts";

export const predictCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "predict",
      about: "Write mask, probability map and overlay for images of any size.",
      schema: predictSchema,
      positional: [
        ["checkpoint", "<checkpoint>", "checkpoint file, or folder of a run (its best)"],
        ["inputs", "<inputs...>", "image files, folders of images, and data sets"],
      ],
      examples: [
        "sgdc predict runs/first photo.jpg --out masks",
        "sgdc predict runs/first my-images/images --out masks --tta --maps edge,guidance",
        "sgdc predict runs/first my-images --out masks --skip-existing",
      ],
      counting: "predicting",
      interrupted: "",
      async run(options: PredictOptions, hooks) {
        const { images, failures, skipped } = await predict(options, hooks);
        return { images, failures, skipped };
      },
      text({ images, skipped }) {
        const lines = images.map(({ image, foreground, files, doubts, novelty = 0 }) => {
          const share = foreground.map((value) => `${(100 * value).toFixed(1)} %`).join(", ");
          const words = {
            unlike: `unlike the training images, ${novelty.toFixed(1)} times as far as usual`,
            wholeFrame: "nearly all of the image is foreground",
          };
          const doubtful =
            doubts.length > 0
              ? `; doubtful: ${doubts.map((doubt) => words[doubt]).join("; ")}`
              : "";
          return `${image}: ${share} foreground, ${files[0] ?? ""}${doubtful}`;
        });
        const unsure = images.filter(({ doubts }) => doubts.length > 0).length;
        if (unsure > 0)
          lines.push(`${unsure} of ${images.length} predictions are doubtful: look at them`);
        const left =
          skipped.length > 0 ? [`${skipped.length} left out, their files are there`] : [];
        return [...lines, ...left].join("\n");
      },
      verdict({ images, failures, skipped }) {
        if (failures.length === 0) return;
        const all = images.length + failures.length + skipped.length;
        throw new Reported(
          `predict: all images must be usable, got ${failures.length} of ${all} that ${failures.length === 1 ? "is" : "are"} not:\n${failures.map(({ message }) => `  ${message}`).join("\n")}`,
        );
      },
    },
    output,
  );
