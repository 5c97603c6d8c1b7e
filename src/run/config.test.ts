import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ArgumentError } from "../base/errors.ts";
import { differences, resolveConfig, runConfigSchema } from "./config.ts";
import { flagsOfNetworks } from "./configSchema.ts";
import { leavesOf, parseFlag } from "../base/options.ts";
import { networks } from "../models/registry.ts";
import { networkFactsSchema } from "../network/facts.ts";
import { factsOf } from "./networkFacts.ts";
import { optimizerOptions, scheduleOptions } from "./recipe.ts";

const data = { path: "images" };

function messageOf(options: unknown): string {
  try {
    resolveConfig(options);
  } catch (error) {
    if (error instanceof ArgumentError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("resolveConfig", () => {
  it("fills in the paper's recipe", () => {
    const { training, data: resolved, network } = resolveConfig({ preset: "paper", data });
    expect(training).toMatchObject({ epochs: 50, batchSize: 16, learningRate: 1e-4, lambda: 3 });
    expect(optimizerOptions(training)).toEqual({
      name: "adam",
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
    });
    expect(scheduleOptions(training)).toMatchObject({
      name: "polynomial",
      unit: "epoch",
      power: 0.9,
      warmupEpochs: 0,
    });
    expect(resolved).toMatchObject({ size: 256, rotateLimitDegrees: 20, rotate: 0.5 });
    expect(network).toEqual({ name: "sgd-net", size: "paper", options: {} });
  });

  it("takes compact where no preset is named, and options over it", () => {
    const config = resolveConfig({ data, training: { epochs: 3, seed: undefined } });
    expect([config.preset, config.training.epochs, config.training.seed]).toEqual([
      "compact",
      3,
      0,
    ]);
  });

  it("accepts its own result, so that config.json can be given back", () => {
    const config = resolveConfig({ preset: "paper", data });
    expect(resolveConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it("refuses numbers of things that no machine could hold", () => {
    const cases = [
      [{ data: { ...data, size: 100_000_032 } }, "data.size (--size) must be at most 4096"],
      [{ data: { ...data, workers: 100_000 } }, "data.workers (--workers) must be at most 256"],
      [{ data, runtime: { threads: 100_000 } }, "runtime.threads (--threads) must be at most 1024"],
      [{ data, training: { batchSize: 1e9 } }, "training.batchSize (--batch-size) must be at most"],
      [{ data, training: { microBatch: 1e9 } }, "training.microBatch (--micro-batch) must be at"],
      [{ data: { ...data, classes: 1e9 } }, "data.classes (--classes) must be at most 255, got 1"],
    ] as const;
    for (const [options, message] of cases) expect(messageOf(options)).toContain(message);
  });

  it("takes a network, its named size and its options", () => {
    const options = { decoderChannels: 48, encoder: { baseWidth: 32 } };
    const config = resolveConfig({ network: { size: "compact", options }, preset: "paper", data });
    expect(config.network).toEqual({ name: "sgd-net", size: "compact", options });
    expect(config.training.epochs).toBe(50);
    const facts = factsOf(config);
    // The named size is written out, and options that are tables are overlaid key by key.
    expect(facts.network.options).toMatchObject({
      decoderChannels: 48,
      encoder: { planes: [8, 24, 48, 88], baseWidth: 32 },
    });
    expect(networkFactsSchema.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
  });

  it("names unknown networks, sizes and options of networks", () => {
    const network = (given: object): string => messageOf({ data, network: given });
    expect(network({ name: "sgdnet" })).toMatch(
      /^network\.name \(--network\) must be one of sgd-net.*, got "sgdnet"; did you mean "sgd-net"\?$/,
    );
    expect(network({ size: "compat" })).toBe(
      'network.size (--network-size) must be one of paper, compact, tiny for sgd-net, got "compat"; did you mean "compact"?',
    );
    expect(network({ options: { decoderChannels: 0.5, gradnt: 1 } }).split("\n")).toEqual([
      "network.options.decoderChannels (--decoder-channels) must be a whole number, got 0.5",
      'network.options.gradnt: every option must be a known one, got "gradnt"; did you mean "gradient"?',
    ]);
  });

  it("reads what version 0.1 wrote, and writes today's form", () => {
    const text = readFileSync(new URL("fixtures/version01Config.json", import.meta.url), "utf8");
    const config = resolveConfig(JSON.parse(text));
    expect(config.network).toEqual({
      name: "sgd-net",
      size: "compact",
      options: {
        stitchVariant: "released",
        sgdcVariant: "released",
        gradient: "channel-sum",
      },
    });
    expect(config.data.classes).toBe(1);
    expect(config.training).toMatchObject({
      epochs: 2,
      seed: 7,
      lossTerms: ["bce", "dice", "edge"],
    });
    expect(resolveConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(messageOf({ data, model: { novelty: 1 } })).toMatch(/^network\.options\.novelty: /);
  });

  it("suggests the near one for unknown options, sections, values and presets", () => {
    expect(messageOf({ preset: "papr", data })).toBe(
      'preset must be one of paper, compact, got "papr"; did you mean "paper"?',
    );
    expect(messageOf({ data: { path: "x", sise: 64 } })).toBe(
      'data.sise: every option must be a known one, got "sise"; did you mean "size"?',
    );
    expect(messageOf({ data, traning: {} })).toBe(
      'traning: every option must be a known one, got "traning"; did you mean "training"?',
    );
    expect(messageOf({ data: { path: "x", batchSize: 4 } })).toBe(
      'data.batchSize: every option must be a known one, got "batchSize"; did you mean "training.batchSize"?',
    );
    expect(messageOf({ data, training: { optimizer: "adamv" } })).toBe(
      'training.optimizer (--optimizer) must be one of adam, adamW, momentumSgd, got "adamv"; did you mean "adam"?',
    );
    expect(messageOf({ data, training: { zzz: 1 } })).toBe(
      'training.zzz: every option must be a known one, got "zzz"',
    );
  });

  it("names every option that is wrong at once", () => {
    const training = { epochs: 2.5, learningRate: 0, beta1: 1, lossTerms: [], nesterov: "yes" };
    expect(messageOf({ data: {}, training }).split("\n")).toEqual([
      "data.path (--path) must be given (folder of the data set), got nothing",
      "training.epochs (--epochs) must be a whole number, got 2.5",
      "training.learningRate (--learning-rate) must be above 0, got 0",
      "training.beta1 (--beta1) must be below 1, got 1",
      'training.nesterov (--nesterov) must be true or false, got "yes"',
      "training.lossTerms (--loss-terms) must not be empty, got []",
    ]);
    expect(messageOf({ data: { path: "x", size: 100 } })).toBe(
      "data.size (--size) must be a multiple of 32 and at least 64 for sgd-net, got 100",
    );
    expect(messageOf({ data: { path: "x", size: 32 } })).toBe(
      "data.size (--size) must be a multiple of 32 and at least 64 for sgd-net, got 32",
    );
    expect(messageOf({ data, training: { epsilon: NaN } })).toBe(
      "training.epsilon (--epsilon) must be a finite number, got NaN",
    );
    expect(messageOf([])).toBe("configuration must be an object of options, got []");
    expect(messageOf({ data: 3 })).toBe("data must be an object of options, got 3");
  });

  it("refuses a batch of one image, and micro-batches that do not divide the batch", () => {
    expect(messageOf({ data, training: { batchSize: 1 } })).toBe(
      "training.batchSize (--batch-size) must be at least 2, got 1; batch norm has nothing to normalise over in a batch of one image",
    );
    expect(messageOf({ data, training: { microBatch: 1 } })).toMatch(
      /^training\.microBatch .* got 1;/,
    );
    expect(messageOf({ data, training: { batchSize: 9, microBatch: 4 } })).toBe(
      "training.microBatch (--micro-batch) must divide the batch of 9, got 4",
    );
  });
});

describe("differences", () => {
  it("names what decides the result, and nothing else", () => {
    const saved = resolveConfig({ data });
    const now = resolveConfig({
      data: { path: "moved", workers: 3, split: "s.json" },
      training: { seed: 4 },
      runtime: { threads: 1, device: "cpu" },
    });
    expect(differences(saved, saved)).toEqual([]);
    expect(differences(saved, now)).toEqual([
      "training.seed: 0, now 4",
      'data.split: not set, now "s.json"',
    ]);
  });
});

describe("the options as flags", () => {
  const leaves = leavesOf(runConfigSchema);

  it("have names that are unique without their section, and descriptions", () => {
    expect(new Set(leaves.map(({ flag }) => flag)).size).toBe(leaves.length);
    expect(leaves.filter(({ description }) => description === "")).toEqual([]);
  });

  it("turn text into what the schema wants", () => {
    const parse = (flag: string, text: string): unknown =>
      parseFlag(
        leaves.find((leaf) => leaf.flag === flag)!,
        text,
      );
    expect(parse("batch-size", "12")).toBe(12);
    expect(parse("learning-rate", "1e-3")).toBe(0.001);
    expect(parse("loss-terms", "bce, dice")).toEqual(["bce", "dice"]);
    expect(parse("optimizer", "adam")).toBe("adam");
    // What is no number is left for the schema to refuse, with its name.
    expect(parse("batch-size", "many")).toBe("many");
    expect(parse("batch-size", " ")).toBe(" ");
  });
});

describe("flagsOfNetworks", () => {
  it("tells in one flag a name what each network takes it for", () => {
    const { shape } = flagsOfNetworks();
    let several = 0;
    for (const { name, options } of networks) {
      for (const [key, field] of Object.entries<z.ZodType>(options.shape)) {
        const { description = "" } = field;
        const inner = field instanceof z.ZodExactOptional ? field.unwrap() : field;
        // Tables are no flags.
        if (inner instanceof z.ZodTuple || inner instanceof z.ZodObject) continue;
        const told = (shape[key] as z.ZodType | undefined)?.description ?? "";
        const before = told.slice(0, told.indexOf(`: ${description}`));
        expect(before.split("; ").at(-1)!.split(", "), `${name}: ${key}`).toContain(name);
        if (before.includes(": ")) several++;
      }
    }
    expect(several).toBeGreaterThan(0);
  });
});
