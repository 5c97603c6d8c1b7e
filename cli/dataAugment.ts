/** `sgdc data augment`: a picture of augmented samples. */
import { Command } from "commander";
import {
  augmentOptionNames,
  augmentSheet,
  augmentSheetSchema,
  toJson,
  type OptionLeaf,
} from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { countingFormat, type CommonFlags, type Output } from "./output.ts";

const positional = ["path", "out"];

interface Flags extends CommonFlags, Record<string, unknown> {
  readonly out: string;
}

export function dataAugmentCommand(output: Output): Command {
  const command = new Command("augment")
    .description("Draw a sheet of augmented samples: what a network would be trained on.")
    .argument("<data>", "folder of the data set")
    .requiredOption("-o, --out <file>", "PNG file to write");
  addFlags(command, augmentSheetSchema, positional, undefined, augmentGroup);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc data augment my-images --out sheet.png
  sgdc data augment my-images --out sheet.png --elastic 0.5 --stain-jitter 1 --rows 8
  sgdc data augment my-images --out sheet.png --brightness 1 --brightness-limit 0.4 --no-operations

The flags of augmentation are those of sgdc train.`,
  );
  return command.action(async (path: string, flags: Flags) => {
    const given = readFlags(flags, augmentSheetSchema, positional);
    const bar = output.progress(flags, countingFormat("augmenting"));
    const result = await augmentSheet({ ...given, path, out: flags.out }, (done, total) => {
      bar.update(done, total);
    }).finally(() => {
      bar.stop();
    });
    if (flags.json) output.print(toJson(result).trimEnd());
    else output.print(`${result.names.length} images, augmented, in ${result.out}`);
  });
}

/** The heading of the help under which the flags of augmentation stand. */
export const augmentGroup = ({ path }: OptionLeaf): string | undefined =>
  augmentOptionNames.includes(path.at(-1) ?? "") ? "Augmentation:" : undefined;
