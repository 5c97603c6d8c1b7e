/** `sgdc data convert`: a data set in another form. */
import { Command, Option } from "commander";
import {
  dataConvert,
  dataConvertSchema,
  targetForms,
  toJson,
  type TargetForm,
} from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { interruptible } from "./interrupt.ts";
import { countingFormat, type CommonFlags, type Output } from "./output.ts";

const separate = ["path", "to", "out"];

interface Flags extends CommonFlags, Record<string, unknown> {
  readonly to: TargetForm;
  readonly out: string;
}

export function dataConvertCommand(output: Output): Command {
  const command = new Command("convert")
    .description("Write a data set in another form: folders, nnU-Net or COCO; nothing is lost.")
    .argument("<data>", "folder of the data set, of any known layout")
    .addOption(
      new Option("--to <form>", `form to write: ${targetForms.join(", ")}`).makeOptionMandatory(),
    )
    .requiredOption("-o, --out <folder>", "folder to write");
  addFlags(command, dataConvertSchema, separate);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc data convert my-images --to nnunet --out nnUNet_raw/Dataset001_Lesions
  sgdc data convert CoNIC --to coco --out conic-coco
  sgdc data convert labelled-coco --to folders --out my-images`,
  );
  return command.action(async (path: string, flags: Flags) => {
    const { to, out } = flags;
    const options = { ...readFlags(flags, dataConvertSchema, separate), path, to, out };
    const bar = output.progress(flags, countingFormat("converting"));
    const tell = (): void => {
      output.tell(flags, "interrupted: removing what was written");
    };
    const result = await interruptible(tell, (signal) =>
      dataConvert(options, {
        signal,
        onProgress: (done, total) => {
          bar.update(done, total);
        },
      }),
    ).finally(() => {
      bar.stop();
    });
    if (flags.json) {
      output.print(toJson(result).trimEnd());
      return;
    }
    const { parts, copied, encoded, from } = result;
    const count = parts.train + parts.validation + parts.test;
    output.print(
      `${count} images of ${from} as ${to} in ${out}: ${copied} copied, ${encoded} written as PNG`,
    );
  });
}
