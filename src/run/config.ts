/** The configuration of a training run: network, preset and options, checked together. */
import type { z } from "zod";
import { ArgumentError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { didYouMean } from "../base/suggest.ts";
import { fitsSides, sidesInWords, sizedOptions, type NetworkOptions } from "../models/network.ts";
import { networkNamed, networkNames } from "../models/registry.ts";
import { flagsOfNetworks, runSchemaWith, type RunConfig } from "./configSchema.ts";
import { presets } from "./presets.ts";
import { presetNames, type PresetName } from "./runtimeOptions.ts";
import { fromVersion01 } from "./version01.ts";

export { presetNames, type PresetName, type RunConfig };

/** A network by name; its size and options are those of the preset unless they are given. */
export interface NetworkChoice {
  readonly name?: string | undefined;
  readonly size?: string | undefined;
  readonly options?: NetworkOptions | undefined;
}

/** The options of a run: what is left out comes from network and preset. `data.path` must be given. */
export interface RunOptions {
  readonly preset?: PresetName | undefined;
  readonly network?: NetworkChoice | undefined;
  readonly data: Partial<RunConfig["data"]>;
  readonly training?: Partial<RunConfig["training"]> | undefined;
  readonly runtime?: Partial<RunConfig["runtime"]> | undefined;
}

/** The schema of a run's options for the flags of the command line: those of any network among them. */
export const runConfigSchema: z.ZodType<RunConfig> = runSchemaWith(flagsOfNetworks());

/**
 * The whole configuration: preset, overlaid with `options`, checked.
 *
 * @param options  as `RunOptions`; unknown because it may come from a file, of version 0.1 too
 * @throws {ArgumentError} naming each unknown or unusable option, what it must be and what it is.
 */
export function resolveConfig(options: unknown): RunConfig {
  const given = fromVersion01(asSection(options, "configuration"));
  const preset = given["preset"] ?? "compact";
  if (!isPreset(preset)) {
    const hint = typeof preset === "string" ? didYouMean(preset, presetNames) : "";
    throw new ArgumentError(
      `preset must be one of ${presetNames.join(", ")}, got ${JSON.stringify(preset)}${hint}`,
    );
  }
  const chosen = withoutUndefined(asSection(given["network"] ?? {}, "network"));
  const network = networkNamed(chosen["name"] ?? networkNames[0]);
  const size = preset in network.sizes ? preset : Object.keys(network.sizes)[0];
  const merged: Record<string, unknown> = {
    ...given,
    preset,
    network: {
      ...{ size, ...chosen, name: network.name },
      options: withoutUndefined(asSection(chosen["options"] ?? {}, "network.options")),
    },
  };
  for (const [section, values] of Object.entries(presets[preset])) {
    merged[section] = { ...values, ...withoutUndefined(asSection(given[section] ?? {}, section)) };
  }
  const config: RunConfig = checkOptions(runSchemaWith(network.options), merged, "configuration");
  checkTogether(config);
  return config;
}

const isPreset = (value: unknown): value is PresetName =>
  typeof value === "string" && Object.hasOwn(presets, value);

/** What no single option shows. */
function checkTogether({
  network: { name, size: named, options },
  data,
  training,
}: RunConfig): void {
  const network = networkNamed(name);
  sizedOptions(network, named, options);
  if (!fitsSides(data.size, network.sides)) {
    throw new ArgumentError(
      `data.size (--size) must be ${sidesInWords(network.sides)} for ${name}, got ${data.size}`,
    );
  }
  const { batchSize, microBatch } = training;
  if (batchSize === 1 || microBatch === 1) {
    const option = microBatch === 1 ? "microBatch (--micro-batch)" : "batchSize (--batch-size)";
    throw new ArgumentError(
      `training.${option} must be at least 2, got 1; batch norm has nothing to normalise over in a batch of one image`,
    );
  }
  if (microBatch > 0 && batchSize % microBatch !== 0) {
    throw new ArgumentError(
      `training.microBatch (--micro-batch) must divide the batch of ${batchSize}, got ${microBatch}`,
    );
  }
}

/** The options of `over` on top of those of `base`, section by section; either may be of version 0.1. */
export function mergeOptions(
  base: Partial<RunOptions>,
  over: Partial<RunOptions>,
): Partial<RunOptions> {
  const [below, above] = [
    fromVersion01({ ...base }),
    fromVersion01({ ...over }),
  ] as Partial<RunOptions>[];
  return {
    ...below,
    ...withoutUndefined({ ...above }),
    network: {
      ...below?.network,
      ...above?.network,
      options: { ...below?.network?.options, ...above?.network?.options },
    },
    data: { ...below?.data, ...above?.data },
    training: { ...below?.training, ...above?.training },
    runtime: { ...below?.runtime, ...above?.runtime },
  };
}

function asSection(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ArgumentError(`${name} must be an object of options, got ${JSON.stringify(value)}`);
  }
  return value as Record<string, unknown>;
}

/** An option given as undefined is one not given. */
const withoutUndefined = (section: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined));

/**
 * Options that may change when a run is resumed: where the data lies and what computes it. All others
 * decide the numbers, so that a resumed run would be another one.
 */
const free = (name: string): boolean =>
  name === "data.path" || name === "data.workers" || name.startsWith("runtime.");

/**
 * The options in which two configurations differ, e.g. `training.epochs: 50, now 20`; empty if a run of
 * the one can be resumed with the other.
 */
export function differences(saved: RunConfig, now: RunConfig): string[] {
  const before = flatten(saved);
  const after = flatten(now);
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .filter((name) => !free(name) && before.get(name) !== after.get(name))
    .map(
      (name) => `${name}: ${before.get(name) ?? "not set"}, now ${after.get(name) ?? "not set"}`,
    );
}

function flatten(table: object, prefix = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(table) as [string, unknown][]) {
    const name = prefix + key;
    if (value === undefined) continue;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      flat.set(name, JSON.stringify(value));
    } else for (const [inner, text] of flatten(value, `${name}.`)) flat.set(inner, text);
  }
  return flat;
}
