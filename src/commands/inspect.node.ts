/** What a network consists of and costs, and what a checkpoint holds. */
import { z } from "zod";
import { ArgumentError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import type { Engine } from "../network/engine.ts";
import { nodeEngine } from "../network/engine.node.ts";
import type { NetworkFacts } from "../network/facts.ts";
import type { NetworkReport } from "../network/inspectNetwork.ts";
import { readCheckpoint } from "../run/checkpoint.node.ts";
import { resolveConfig, type NetworkChoice } from "../run/config.ts";
import { flagsOfNetworks, imageSizeOption, networkChoice } from "../run/configSchema.ts";
import { factsOf } from "../run/networkFacts.ts";
import { findCheckpoint } from "../run/openCheckpoint.node.ts";
import { checkpointOption, presetNames, type PresetName } from "../run/runtimeOptions.ts";

const schemaWith = <Options extends z.ZodType>(options: Options) =>
  z.strictObject({
    checkpoint: checkpointOption.optional(),
    preset: z
      .enum(presetNames)
      .optional()
      .describe("without a checkpoint: a size of that name, and the recipe's size of images"),
    network: networkChoice(options),
    classes: z.int().min(1).optional().describe("classes besides the background (default: 1)"),
    size: imageSizeOption.optional(),
  });

/** For the flags of the command line: the options of any network among them. */
export const inspectSchema = schemaWith(flagsOfNetworks());

export interface InspectOptions {
  readonly checkpoint?: string | undefined;
  readonly preset?: PresetName | undefined;
  readonly network?: NetworkChoice | undefined;
  readonly classes?: number | undefined;
  readonly size?: number | undefined;
}

export interface InspectResult extends NetworkReport {
  readonly network: NetworkFacts["network"];
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
  const schema = schemaWith(z.record(z.string(), z.unknown()));
  const checked = checkOptions(schema, options, "options of inspect");
  const { checkpoint: path, size, classes, ...choice } = checked;
  if (path === undefined) {
    const config = resolveConfig({ ...choice, data: { path: ".", size, classes } });
    return describe(factsOf(config), config.training, engine);
  }
  const besides = Object.entries({ ...choice, classes }).filter(([, value]) => value !== undefined);
  if (besides.length > 0) {
    throw new ArgumentError(
      `inspect: a checkpoint brings its own network, got ${besides.map(([name]) => name).join(", ")} besides; leave them out`,
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
  const facts = factsOf(
    size === undefined ? config : { ...config, data: { ...config.data, size } },
  );
  return { ...(await describe(facts, config.training, engine)), checkpoint: found };
}

async function describe(
  facts: NetworkFacts,
  { microBatch, batchSize }: { readonly microBatch: number; readonly batchSize: number },
  engine: Engine,
): Promise<InspectResult> {
  const report = await engine.inspectNetwork(facts, microBatch || batchSize);
  return { network: facts.network, size: facts.input.size, ...report };
}
