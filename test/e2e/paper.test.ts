import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sizedOptions } from "../../src/models/network.ts";
import { sgdNetEntry } from "../../src/models/sgdNet.ts";
import { initialValue } from "../../src/nn/init.ts";
import { DataError } from "../../src/base/errors.ts";
import { sizeOf, type Shape } from "../../src/tensor/shape.ts";
import { full, type Tensor } from "../../src/tensor/tensor.ts";
import { encodeSafetensors } from "../../src/tensor/safetensors.ts";
import { atomicWriteFile } from "../../src/base/files.node.ts";
import { resolveConfig } from "../../src/run/config.ts";
import { trainingSetup } from "../../src/run/networkFacts.ts";
import { nodeEngine } from "../../src/network/engine.node.ts";
import { networkParameters } from "../../src/network/networkGraphs.ts";
import { readNetworkWeights } from "../../src/network/networkWeights.node.ts";
import { sgdc } from "./helpers/command.ts";

/** Names and shapes of the PyTorch network's `state_dict`, without the encoder's unused classifier, and which of them are trained. */
const inventory = JSON.parse(
  readFileSync(new URL("../fixtures/sgd-net-tensors.json", import.meta.url), "utf8"),
) as [name: string, shape: number[], trained: boolean][];

test("inspect tells the parameters and multiply-accumulates of the paper's network", async () => {
  const { code, stdout } = await sgdc(["inspect", "--preset", "paper", "--json"]);
  expect(code).toBe(0);
  const { size, parameters, macs, notes } = JSON.parse(stdout) as {
    size: number;
    parameters: number;
    macs: Record<string, number>;
    notes: Record<"parameters" | "macs", { what: string; value: number }[]>;
  };
  expect(size).toBe(256);
  expect(parameters).toBe(73_829_938);
  const [classifier] = notes.parameters;
  expect(classifier!.what).toContain("ImageNet classifier");
  expect(parameters + classifier!.value).toBe(75_878_938);
  // As computed, with the released dense Sobel on the deep map, and with both.
  const [deep, shallow] = notes.macs;
  const giga = (count: number): string => (count / 1e9).toFixed(2);
  expect(giga(macs["layers"]!)).toBe("30.77");
  expect(giga(macs["layers"]! + deep!.value)).toBe("30.85");
  expect(giga(macs["layers"]! + deep!.value + shallow!.value)).toBe("35.68");
});

test("the paper's network has the tensors of the PyTorch one: names, shapes, what is trained", () => {
  type Row = readonly [string, Shape, boolean];
  const byName = (rows: readonly Row[]): Map<string, { shape: Shape; trained: boolean }> =>
    new Map(rows.map(([name, shape, trained]) => [name, { shape: [...shape], trained }]));
  const ours = networkParameters({ network: sgdNetEntry, options: {} }, [256, 256]);
  expect(byName(ours.map(({ name, shape, trained }): Row => [name, shape, trained]))).toEqual(
    byName(inventory),
  );
  const trainable = inventory.filter(([, , trained]) => trained);
  expect(trainable.reduce((sum, [, shape]) => sum + sizeOf(shape), 0)).toBe(73_829_938);
});

describe("weights from files", () => {
  const network = { network: sgdNetEntry, options: sizedOptions(sgdNetEntry, "compact") };
  const all = new Map(
    networkParameters(network, [64, 64]).map((s) => [
      s.name,
      initialValue(s.name, s.shape, s.init, 5),
    ]),
  );
  let root: string;
  const write = async (
    name: string,
    tensors: ReadonlyMap<string, Tensor<"float32">>,
  ): Promise<string> => {
    const path = join(root, name);
    await atomicWriteFile(path, encodeSafetensors({ tensors }));
    return path;
  };
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "sgdc-weights-"));
  });
  afterAll(() => rm(root, { recursive: true }));
  /** Bit for bit; Vitest's own comparison takes minutes for millions of numbers. */
  const same = (a: Float32Array | undefined, b: Float32Array): boolean =>
    a !== undefined && bytesOf(a).equals(bytesOf(b));
  const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
    Buffer.from(buffer, byteOffset, byteLength);
  const configOf = (training: Record<string, unknown>) =>
    trainingSetup(resolveConfig({ preset: "compact", data: { path: "x", size: 64 }, training }));

  test("an encoder's file fills the encoder and nothing else", async () => {
    const encoder = new Map([...all].filter(([name]) => name.startsWith("resnet.")));
    const encoderWeights = await write("encoder.safetensors", encoder);
    const model = await nodeEngine.openTrainingModel(
      configOf({ encoderWeights, freezeEncoder: true, seed: 9 }),
    );
    for (const [name, { data }] of all) {
      const loaded = model.parameters.get(name) ?? model.buffers.get(name);
      if (name.startsWith("resnet.")) expect(same(loaded, data), name).toBe(true);
      expect(model.parameters.has(name) && name.startsWith("resnet."), name).toBe(false);
    }
    const other = model.parameters.get("predictor1.weight");
    expect(same(other, all.get("predictor1.weight")!.data)).toBe(false);
    await model.dispose();
  });

  test("missing, unexpected and misshapen tensors are named, all of them", async () => {
    const wrong = new Map([...all].filter(([name]) => name.startsWith("resnet.")));
    wrong.delete("resnet.bn1.weight");
    wrong.set("resnet.layer9.weight", full([1], 0));
    wrong.set("resnet.bn1.bias", full([7], 0));
    const encoderWeights = await write("wrong.safetensors", wrong);
    const error: unknown = await nodeEngine
      .openTrainingModel(configOf({ encoderWeights }))
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toContain(
      "got 1 missing: bn1.weight; 1 unexpected: resnet.layer9.weight; 1 misshapen: resnet.bn1.bias (must be [32], got [7])",
    );
  });

  test("all tensors of a network come back bit for bit", async () => {
    const read = await readNetworkWeights(await write("network.safetensors", all), network, 64);
    expect([...read.keys()].sort()).toEqual([...all.keys()].sort());
    for (const [name, { data }] of all) {
      expect(same(read.get(name)?.data, data), name).toBe(true);
    }
  });
});
