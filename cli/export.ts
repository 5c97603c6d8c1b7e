/** `sgdc export`: a network as an ONNX file. */
import type { Command } from "commander";
import { exportNetwork, exportSchema, type ExportOptions, type ExportResult } from "../src/node.ts";
import { simpleCommand } from "./command.ts";
import type { Output } from "./output.ts";

export const exportCommand = (output: Output): Command =>
  simpleCommand(
    {
      name: "export",
      about: "Write a network as one ONNX file for other programs: image in, mask out.",
      schema: exportSchema,
      positional: [
        ["checkpoint", "<checkpoint>", "checkpoint file, or folder of a run (its best)"],
      ],
      examples: [
        "sgdc export runs/first --out model.onnx",
        "sgdc export runs/first --out network.onnx --no-processing",
        "sgdc export runs/first --out small.onnx --precision int8 --calibrate my-images/images",
      ],
      notes: "For research use only; not a medical device.",
      counting: "measuring layers",
      run: (options: ExportOptions, hooks) => exportNetwork(options, hooks),
      text: exportText,
    },
    output,
  );

function exportText(result: ExportResult): string {
  const { file, bytes, precision, inputs, outputs, quantised } = result;
  const line = (kind: string, { name, dtype, shape }: ExportResult["inputs"][number]): string =>
    `  ${kind} ${name}: ${dtype} [${shape.join(", ")}]`;
  return [
    `${file}: ${(bytes / 2 ** 20).toFixed(1)} MiB, ${precision}`,
    ...inputs.map((value) => line("in ", value)),
    ...outputs.map((value) => line("out", value)),
    ...(quantised
      ? [
          `  ${quantised.layers.filter(({ float }) => !float).length} of ${quantised.layers.length} convolutions in whole numbers; probabilities differ by ${quantised.error.toFixed(4)} in the mean`,
        ]
      : []),
  ].join("\n");
}
