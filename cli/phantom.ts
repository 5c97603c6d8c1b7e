/** `sgdc phantom`: labelled made-up images. */
import type { Command } from "commander";
import { counted, phantom, phantomSchema, type PhantomOptions } from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const phantomCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "phantom",
      about: "Make labelled images that look like dermoscopy, for trials and tests.",
      schema: phantomSchema,
      positional: [["out", "<out>", "folder for images/ and masks/"]],
      examples: ["sgdc phantom phantoms", "sgdc phantom more --count 20 --size 512 --seed 3"],
      counting: "making phantoms",
      run: (options: PhantomOptions, { onProgress }) => phantom(options, onProgress),
      text: ({ names, out }) =>
        `${counted(names.length, "image")} with ${names.length === 1 ? "its mask" : "their masks"} in ${out}`,
    },
    output,
  );
