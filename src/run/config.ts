/** The configuration of a training run: preset and options, checked together. */
import type { z } from "zod";
import { ArgumentError } from "../base/errors.ts";
import {
  modelSchema,
  runSchema,
  sizeOption,
  type ModelConfig,
  type RunConfig,
} from "./configSchema.ts";
import { checkOptions } from "../base/options.ts";
import { presetNames, presets } from "./presets.ts";
import { didYouMean } from "../base/suggest.ts";

export { modelSchema, sizeOption, type ModelConfig, type RunConfig };

/** The options of a run: what is left out comes from the preset. `data.path` must be given. */
export interface RunOptions {
  readonly preset?: PresetName | undefined;
  readonly model?: Partial<RunConfig["model"]> | undefined;
  readonly data: Partial<RunConfig["data"]>;
  readonly training?: Partial<RunConfig["training"]> | undefined;
  readonly runtime?: Partial<RunConfig["runtime"]> | undefined;
}

export type PresetName = (typeof presetNames)[number];

/** The schema behind `resolveConfig`, for the flags of the command line. */
export const runConfigSchema: z.ZodType<RunConfig> = runSchema;

/**
 * The whole configuration: preset, overlaid with `options`, checked.
 *
 * @param options  as `RunOptions`; unknown because it may come from a file
 * @throws {ArgumentError} naming each unknown or unusable option, what it must be and what it is.
 */
export function resolveConfig(options: unknown): RunConfig {
  const given = asSection(options, "configuration");
  const preset = given["preset"] ?? "compact";
  if (!isPreset(preset)) {
    const hint = typeof preset === "string" ? didYouMean(preset, presetNames) : "";
    throw new ArgumentError(
      `preset must be one of ${presetNames.join(", ")}, got ${JSON.stringify(preset)}${hint}`,
    );
  }
  const merged: Record<string, unknown> = { ...given, preset };
  for (const [section, values] of Object.entries(presets[preset])) {
    merged[section] = { ...values, ...withoutUndefined(asSection(given[section] ?? {}, section)) };
  }
  const config = checkOptions(runSchema, merged, "configuration");
  checkTogether(config);
  return config;
}

const isPreset = (value: unknown): value is PresetName =>
  typeof value === "string" && Object.hasOwn(presets, value);

/** What no single option shows. */
function checkTogether({ training }: RunConfig): void {
  const { batchSize, microBatch } = training;
  if (batchSize === 1 || microBatch === 1) {
    const name = microBatch === 1 ? "microBatch (--micro-batch)" : "batchSize (--batch-size)";
    throw new ArgumentError(
      `training.${name} must be at least 2, got 1; batch norm has nothing to normalise over in a batch of one image`,
    );
  }
  if (microBatch > 0 && batchSize % microBatch !== 0) {
    throw new ArgumentError(
      `training.microBatch (--micro-batch) must divide the batch of ${batchSize}, got ${microBatch}`,
    );
  }
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

function flatten(config: RunConfig): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [section, values] of Object.entries(config)) {
    if (typeof values === "string") flat.set(section, JSON.stringify(values));
    else {
      for (const [key, value] of Object.entries(values)) {
        if (value !== undefined) flat.set(`${section}.${key}`, JSON.stringify(value));
      }
    }
  }
  return flat;
}
