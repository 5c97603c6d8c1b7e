/** `sgdc data augment`: a picture of augmented samples. */
import type { Command } from "commander";
import {
  augmentOptionNames,
  augmentSheet,
  augmentSheetSchema,
  counted,
  type AugmentSheetOptions,
  type OptionLeaf,
} from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const dataAugmentCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "augment",
      about: "Draw a sheet of augmented samples: what a network would be trained on.",
      schema: augmentSheetSchema,
      positional: [["path", "<data>", "folder of the data set"]],
      group: augmentGroup,
      examples: [
        "sgdc data augment my-images --out sheet.png",
        "sgdc data augment my-images --out sheet.png --elastic 0.5 --stain-jitter 1 --rows 8",
        "sgdc data augment my-images --out sheet.png --brightness 1 --brightness-limit 0.4 --no-operations",
      ],
      notes: "The flags of augmentation are those of sgdc train.",
      counting: "augmenting",
      run: (options: AugmentSheetOptions, { onProgress }) => augmentSheet(options, onProgress),
      text: ({ names, out }) => `${counted(names.length, "image")}, augmented, in ${out}`,
    },
    output,
  );

/** The heading of the help under which the flags of augmentation stand. */
export const augmentGroup = ({ path }: OptionLeaf): string | undefined =>
  augmentOptionNames.includes(path.at(-1) ?? "") ? "Augmentation:" : undefined;
