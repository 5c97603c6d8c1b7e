/** `sgdc data convert`: a data set in another form. */
import type { Command } from "commander";
import { counted, dataConvert, dataConvertSchema, type DataConvertOptions } from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const dataConvertCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "convert",
      about: "Write a data set in another form: folders, nnU-Net or COCO; nothing is lost.",
      schema: dataConvertSchema,
      positional: [["path", "<data>", "folder of the data set, of any known layout"]],
      examples: [
        "sgdc data convert my-images --to nnunet --out nnUNet_raw/Dataset001_Lesions",
        "sgdc data convert CoNIC --to coco --out conic-coco",
        "sgdc data convert labelled-coco --to folders --out my-images",
      ],
      counting: "converting",
      interrupted: "interrupted: removing what was written",
      run: (options: DataConvertOptions, hooks) => dataConvert(options, hooks),
      text({ parts, copied, encoded, from, to, out }) {
        const count = parts.train + parts.validation + parts.test;
        return `${counted(count, "image")} of ${from} as ${to} in ${out}: ${copied} copied, ${encoded} written as PNG`;
      },
    },
    output,
  );
