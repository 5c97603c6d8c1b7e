/** The demonstration: phantoms, training, evaluation on held-out ones, prediction. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { evaluate, type EvaluateResult } from "./evaluate.node.ts";
import { checkOptions, folderOption } from "../base/options.ts";
import { phantom } from "./phantom.node.ts";
import { predict } from "./predict.node.ts";
import { refuseForeign } from "./refuseForeign.node.ts";
import { deviceOption, threadsOption } from "../run/runtimeOptions.ts";
import { train, type TrainHooks, type TrainResult } from "./train.node.ts";

export const demoSchema = z.strictObject({
  out: folderOption("folder for everything the demo makes").default("demo"),
  images: z.int().min(16).max(1_000_000).default(160).describe("phantoms to train and validate on"),
  heldOut: z.int().min(1).max(1_000_000).default(32).describe("phantoms to evaluate on"),
  size: z
    .int()
    .min(64)
    .max(4096)
    .multipleOf(32)
    .default(96)
    .describe("size of the network's input, pixels"),
  epochs: z.int().min(1).default(16).describe("passes over the training phantoms"),
  seed: z.int().min(0).default(0).describe("seed of everything random"),
  device: deviceOption.default("auto"),
  threads: threadsOption.default(0),
});

export type DemoOptions = z.input<typeof demoSchema>;

/** Height and width of the phantoms, pixels. */
const phantomSize = 192;

/** Names that the demo makes in its folder, and may replace. */
const demoNames = ["phantoms", "held-out", "run", "evaluation", "predictions"];

export interface DemoResult {
  readonly status: TrainResult["status"];
  /** Absent if training was interrupted. */
  readonly evaluation?: EvaluateResult;
  /** Pages to look at. */
  readonly reports: readonly string[];
  readonly predictions?: string;
}

/**
 * Makes phantoms, trains `compact` on them, evaluates it on others and predicts those. A former demo in
 * the folder is replaced.
 *
 * @throws {ArgumentError} for unusable options, or a folder that holds something else.
 */
export async function demo(options: DemoOptions = {}, hooks: TrainHooks = {}): Promise<DemoResult> {
  const { out, images, heldOut, size, epochs, seed, device, threads } = checkOptions(
    demoSchema,
    options,
    "options of demo",
  );
  const at = (name: string): string => join(out, name);
  await refuseForeign(out, demoNames);
  for (const name of demoNames) await rm(at(name), { recursive: true, force: true });

  hooks.onPhase?.(`making ${images + heldOut} phantoms`);
  await phantom({ out: at("phantoms"), count: images, size: phantomSize, seed });
  await phantom({ out: at("held-out"), count: heldOut, size: phantomSize, seed, first: images });

  const { status, folder } = await train(
    {
      out: at("run"),
      preset: "compact",
      data: { path: at("phantoms"), size },
      training: { epochs, seed },
      runtime: { device, threads },
    },
    hooks,
  );
  if (status === "interrupted") return { status, reports: [] };

  const { engine, signal } = hooks;
  const shared = { ...(engine && { engine }), ...(signal && { signal }) };
  hooks.onPhase?.(`evaluating ${heldOut} held-out phantoms`);
  const evaluation = await evaluate(
    { checkpoint: folder.path, data: at("held-out"), out: at("evaluation"), device, threads },
    shared,
  );
  hooks.onPhase?.(`predicting ${heldOut} held-out phantoms`);
  await predict(
    {
      checkpoint: folder.path,
      inputs: [join(at("held-out"), "images")],
      out: at("predictions"),
      device,
      threads,
    },
    shared,
  );
  const reports = [folder.report, join(at("evaluation"), "report.html")];
  return { status, evaluation, reports, predictions: at("predictions") };
}
