/** What a network consists of and costs, and what a checkpoint holds. */
import { z } from "zod";
import { ArgumentError } from "../base/errors.ts";
import { findCheckpoint } from "../run/openCheckpoint.node.ts";
import { readCheckpoint } from "../run/checkpoint.node.ts";
import { modelSchema, resolveConfig, sizeOption, type RunConfig } from "../run/config.ts";
import type { Engine, NetworkReport } from "../network/engine.ts";
import { nodeEngine } from "../network/engine.node.ts";
import { checkOptions } from "../base/options.ts";
import { presetNames } from "../run/presets.ts";
import { checkpointOption } from "../run/runtimeOptions.ts";

export const inspectSchema = z.strictObject({
  checkpoint: checkpointOption.optional(),
  preset: z.enum(presetNames).optional().describe("network to inspect, without a checkpoint"),
  size: sizeOption.optional(),
  ...modelSchema.partial().shape,
});

export type InspectOptions = z.input<typeof inspectSchema>;

export interface InspectResult extends NetworkReport {
  readonly preset: RunConfig["preset"];
  readonly model: RunConfig["model"];
  /** Height and width that the figures are for. */
  readonly size: number;
  /** Of a checkpoint: its file, epoch and best score. */
  readonly checkpoint?: {
    readonly file: string;
    readonly epoch: number;
    readonly epochs: number;
    readonly best?: { readonly epoch: number; readonly score: number };
  };
}

/**
 * Layers, parameters, multiply-accumulates and memory of a network.
 *
 * @throws {ArgumentError} for unusable options; {DataError} for a checkpoint that cannot be read.
 */
export async function inspect(
  options: InspectOptions,
  engine: Engine = nodeEngine,
): Promise<InspectResult> {
  const checked = checkOptions(inspectSchema, options, "options of inspect");
  const { checkpoint: path, preset, size, ...model } = checked;
  if (path === undefined) {
    const config = resolveConfig({ preset, model, data: { path: ".", size } });
    return describe(config, engine);
  }
  const besides = Object.keys({ ...(preset && { preset }), ...model });
  if (besides.length > 0) {
    throw new ArgumentError(
      `inspect: a checkpoint brings its own network, got ${besides.join(", ")} besides; leave them out`,
    );
  }
  const { file } = await findCheckpoint(path);
  const { config, progress } = await readCheckpoint(file, true);
  const { epochs } = config.training;
  const found = {
    file,
    epoch: progress.epoch,
    epochs,
    ...(progress.best && { best: progress.best }),
  };
  const sized = size === undefined ? config : { ...config, data: { ...config.data, size } };
  return { ...(await describe(sized, engine)), checkpoint: found };
}

async function describe(config: RunConfig, engine: Engine): Promise<InspectResult> {
  const { preset, model, data } = config;
  return { preset, model, size: data.size, ...(await engine.inspectNetwork(config)) };
}
