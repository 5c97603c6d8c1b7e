/** `sgdc score`: two folders of masks, or of label maps, against each other. */
import { Command } from "commander";
import {
  ArgumentError,
  formatScores,
  score,
  scoreSchema,
  toJson,
  type ScoreOptions,
} from "../src/node.ts";
import { addFlags, readFlags } from "./flags.ts";
import { countingFormat, type CommonFlags, type Output } from "./output.ts";

export function scoreCommand(output: Output): Command {
  const command = new Command("score")
    .description("Score predicted masks against true ones, without a model.")
    .argument("[pred]", "folder of predicted masks, or one mask; or --pred")
    .argument("[truth]", "folder of true masks, or one mask; or --truth");
  addFlags(command, scoreSchema);
  command.addHelpText(
    "after",
    `
Examples:
  sgdc score masks my-images/masks
  sgdc score --pred masks --truth my-images/masks --json
  sgdc score masks my-images/masks --out scores --images my-images/images
  sgdc score masks my-images/masks --csv scores.csv --spacing 0.5,0.5
  sgdc score --instances predicted-nuclei true-nuclei        label maps: PQ, AJI
  sgdc score --instances --classes 6 --count-size 224 pred.npy labels.npy`,
  );
  return command.action(
    async (
      pred: string | undefined,
      truth: string | undefined,
      flags: CommonFlags & Record<string, unknown>,
    ) => {
      const options = { ...readFlags(flags, scoreSchema), ...positional(flags, { pred, truth }) };
      const bar = output.progress(flags, countingFormat("scoring"));
      const result = await score(options as ScoreOptions, (done, total) => {
        bar.update(done, total);
      }).finally(() => {
        bar.stop();
      });
      if (flags.json) {
        output.print(toJson(result).trimEnd());
        return;
      }
      output.print(formatScores(result));
      for (const file of result.files) output.print(`wrote ${file}`);
    },
  );
}

/** What was given without a flag; giving it twice is refused. */
function positional(
  flags: Readonly<Record<string, unknown>>,
  given: Readonly<Record<"pred" | "truth", string | undefined>>,
): Partial<Record<"pred" | "truth", string>> {
  const used: Partial<Record<"pred" | "truth", string>> = {};
  for (const key of ["pred", "truth"] as const) {
    const value = given[key];
    if (value === undefined) continue;
    if (flags[key] !== undefined)
      throw new ArgumentError(
        `${key} must be given once, got "${value}" and --${key}; leave one of them out`,
      );
    used[key] = value;
  }
  return used;
}
