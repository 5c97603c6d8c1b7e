/** `sgdc predict`: masks for images. */
import type { Command } from "commander";
import { predict, predictSchema, type PredictOptions } from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const predictCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "predict",
      about: "Write mask, probability map and overlay for images of any size.",
      schema: predictSchema,
      positional: [
        ["checkpoint", "<checkpoint>", "checkpoint file, or folder of a run (its best)"],
        ["inputs", "<inputs...>", "image files and folders of images"],
      ],
      examples: [
        "sgdc predict runs/first photo.jpg --out masks",
        "sgdc predict runs/first my-images/images --out masks --tta --maps edge,guidance",
      ],
      counting: "predicting",
      interrupted: "",
      run: (options: PredictOptions, hooks) => predict(options, hooks),
      text: (results) =>
        results
          .map(({ image, foreground, files }) => {
            const share = foreground.map((value) => `${(100 * value).toFixed(1)} %`).join(", ");
            return `${image}: ${share} foreground, ${files[0] ?? ""}`;
          })
          .join("\n"),
    },
    output,
  );
