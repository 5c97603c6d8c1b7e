/** `sgdc score`: two folders of masks, or of label maps, against each other. */
import type { Command } from "commander";
import { formatScores, score, scoreSchema, type ScoreOptions } from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const scoreCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "score",
      about: "Score predicted masks against true ones, without a model.",
      schema: scoreSchema,
      positional: [
        ["pred", "[pred]", "folder of predicted masks, or one mask; or --pred"],
        ["truth", "[truth]", "folder of true masks, or one mask; or --truth"],
      ],
      examples: [
        "sgdc score masks my-images/masks",
        "sgdc score --pred masks --truth my-images/masks --json",
        "sgdc score masks my-images/masks --out scores --images my-images/images",
        "sgdc score masks my-images/masks --csv scores.csv --spacing 0.5,0.5",
        "sgdc score --instances predicted-nuclei true-nuclei        label maps: PQ, AJI",
        "sgdc score --instances --classes 6 --count-size 224 pred.npy labels.npy",
      ],
      counting: "scoring",
      run: (options: ScoreOptions, { onProgress }) => score(options, onProgress),
      text: (result) =>
        [formatScores(result), ...result.files.map((file) => `wrote ${file}`)].join("\n"),
    },
    output,
  );
